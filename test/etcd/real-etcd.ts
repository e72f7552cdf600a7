/**
 * Owns where tests get a real etcd from: the way a person's `--local` gets it, so that a fresh
 * machine fetches one. `$BENCH_TEST_ETCD` (a file or folder) runs the same tests on another.
 */
import { type EtcdBinary, findEtcd } from "../../src/etcd/etcd-binary/find.ts";

let found: Promise<EtcdBinary> | null = null;

/** The etcd to test with; looked for once in each process. */
export function etcdForTests(): Promise<EtcdBinary> {
  found ??= findEtcd({ explicitPath: process.env.BENCH_TEST_ETCD || undefined, say });
  return found;
}

let foundOlder: Promise<EtcdBinary> | null = null;

/** etcd 3.4.23, the oldest line that bench speaks, out of Debian's bookworm: it takes apt. */
export function olderEtcdForTests(): Promise<EtcdBinary> {
  foundOlder ??= findEtcd({ release: "bookworm", say });
  return foundOlder;
}

/** stderr, since a fetch takes seconds in which a person wants to know what goes on. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
