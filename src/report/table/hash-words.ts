/** Words whether all members held the same keys after the run. */
import { hashFaults } from "../../result/hash-kv.ts";
import type { RunResult } from "../../result/schema.ts";
import { formatCount } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";

/** None without --check-hashkv. */
export function hashLines({ hashKv }: RunResult, paint: Paint): string[] {
  if (hashKv === null) return [];
  const faults = hashFaults(hashKv);
  if (faults.length > 0)
    return [`HashKV: ${paint.bad("FAILED")} (${printable(faults.join("; "))})`];
  const { revision, members } = hashKv;
  const { hash } = members[0]!;
  const found =
    members.length === 1
      ? `${hash}, of the one member`
      : `${paint.good("equal")} on all ${members.length} members (${hash})`;
  return [`HashKV at revision ${formatCount(revision)}: ${found}`];
}
