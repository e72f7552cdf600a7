/**
 * Finds a real etcd for tests in the same way as `--local` does, so that a new machine downloads one.
 * `$BENCH_TEST_ETCD` (a file or folder) selects another.
 */
import { type EtcdBinary, findEtcd } from "../../src/etcd/etcd-binary/find.ts";

let found: Promise<EtcdBinary> | null = null;

/** The etcd under test; found once in each process. */
export function etcdForTests(): Promise<EtcdBinary> {
  found ??= findEtcd({ explicitPath: process.env.BENCH_TEST_ETCD || undefined, say });
  return found;
}

let foundOlder: Promise<EtcdBinary> | null = null;

/** etcd 3.4.23 from Debian bookworm, the oldest version that bench supports; it needs apt. */
export function olderEtcdForTests(): Promise<EtcdBinary> {
  foundOlder ??= findEtcd({ release: "bookworm", say });
  return foundOlder;
}

/** Prints progress to stderr, because a download takes seconds. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
