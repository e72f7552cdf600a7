/** Addresses for worker threads: a sentence before a thread cannot reserve them. */
import { test } from "uvu";
import { checkAddressRoom } from "../../../src/run/address-room.ts";
import { refuses } from "../../harness/refusal.ts";

/** A process with 10 GB of addresses and that limit. */
function filesOf(limit: string) {
  const read = (path: string) =>
    path.endsWith("limits")
      ? `Max address space         ${limit.padEnd(20)} unlimited            bytes\n`
      : "Name:\tnode\nVmSize:\t 9765625 kB\n";
  return { read, list: () => [] };
}

test("more worker threads than the limit of addresses has room for are refused with the fix", () => {
  checkAddressRoom(100, filesOf("unlimited"));
  checkAddressRoom(3, filesOf("12000000000"));
  const check = (workers: number, limit: string) => checkAddressRoom(workers, filesOf(limit));
  refuses(() => check(4, "12000000000"), "--workers=4", "2.5 GB", "leaves 2.0 GB");
  refuses(() => check(4, "12000000000"), "ulimit -v unlimited", "lower --workers");
  refuses(() => check(1, "9000000000"), "leaves 0.0 GB; raise it (ulimit -v unlimited)");
});

test("where the system tells no limit, nothing is refused", () => {
  checkAddressRoom(100, { read: () => null, list: () => [] });
});

test.run();
