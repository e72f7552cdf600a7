/** Keys and revisions of `bench memory` that would fill etcd's backend quota are refused. */
import { test } from "uvu";
import { checkMemoryRoom } from "../../../../src/cli/memory/room.ts";
import type { ThingName } from "../../../../src/memory/things.ts";
import { refuses } from "../../../harness/refusal.ts";

const SIZES = { steps: 4, keySizeBytes: 32, valSizeBytes: 1_000 };
const ROOM = { member: "m1", quotaBytes: 16e6, sizeBytes: 0, inUseBytes: 0 };

test("keys and revisions that pass the quota are refused with the arithmetic and the fix", () => {
  const check = (...totals: [ThingName, number][]) =>
    checkMemoryRoom({ ...SIZES, totals: new Map(totals) }, [ROOM]);
  refuses(
    () => check(["connection", 100], ["key", 8_000], ["revision", 4_000]),
    "--of: 15,000 puts of 32 + 1000 bytes",
    "m1 has 0 B in use of its backend quota of 16 MB; add fewer keys and revisions, lower --val-size",
  );
  check(["key", 4_000]);
  check(["watcher", 1_000_000], ["lease", 1_000_000]);
});

test.run();
