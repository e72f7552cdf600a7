/** Owns the flags of mixed, `--mix` before all, read into its workload. */

import { usageError } from "../../errors.ts";
import { assertKeysFit } from "../key-capacity.ts";
import { joinedKeyText } from "../key-text.ts";
import { countOf, type PlanFlags, textOf } from "../plan-flags.ts";
import type { KeySpace, MixedOperation, MixedWorkload, RunPlan } from "../schema.ts";
import { valuesOf } from "../values.ts";
import { keySpaceOf } from "./key-space-flags.ts";
import { leaseGrantFromFlags } from "./lease-grant.ts";
import { parseMix } from "./mix.ts";
import { oneConsistencyOf } from "./one-consistency.ts";
import { txnOpsOf } from "./txn-put.ts";

/** As YCSB's recordcount. */
const DEFAULT_KEYS = 1_000;
const MAX_SCAN_LENGTH = 1_000_000;
/** Inserts of a run that time alone ends: more than one of days makes. */
const UNBOUNDED_INSERTS = 2 ** 31;
/** What hangs on leases stands apart from the key space. */
const LEASE_PREFIX = "bench-lease/";

/** Flags that only some operations read. */
const FLAGS_OF_OPERATIONS = [
  ["consistency", "range, scan or rmw", ["range", "scan", "rmw"]],
  ["txn-ops", "txn-put", ["txn-put"]],
  ["scan-length", "scan", ["scan"]],
  ["ttl", "lease-grant", ["lease-grant"]],
  ["keys-per-lease", "lease-grant", ["lease-grant"]],
] as const satisfies readonly (readonly [keyof PlanFlags, string, readonly MixedOperation[]])[];

export function mixedFromFlags(
  flags: PlanFlags,
  { limits, load }: Pick<RunPlan, "limits" | "load">,
  note: (line: string) => void,
): MixedWorkload {
  const { mix, popularity } = parseMix(textOf(flags, "mix"));
  const has = (operation: MixedOperation) => mix.some((each) => each.operation === operation);
  for (const [name, words, operations] of FLAGS_OF_OPERATIONS) {
    if (flags[name] !== undefined && !operations.some(has)) {
      note(`--${name} has no effect: --mix has no ${words}`);
    }
  }
  const drawn = { ...flags, popularity: flags.popularity ?? popularity ?? undefined };
  const keys = keySpaceOf(drawn, { sequential: false, defaultSize: DEFAULT_KEYS });
  if (has("insert")) {
    assertInsertsFit(keys, limits, load);
    if (keys.popularity === "latest" && load.workers > 1) {
      note(
        "--popularity=latest reads what was inserted last, and each worker knows its own inserts " +
          `alone: with --workers=${load.workers} those of the others are never read`,
      );
    }
  }
  const txnOps = has("txn-put") ? txnOpsOf(flags, keys.keySpaceSize, note) : 1;
  const { keySizeBytes, prefix } = keys;
  const leases = { ...flags, prefix: joinedKeyText(prefix, LEASE_PREFIX), expire: false };
  return {
    kind: "mixed",
    keys,
    ...valuesOf(flags, { keySizeBytes, puts: txnOps }, note),
    mix,
    consistency: oneConsistencyOf(flags),
    txnOps,
    scanLength: scanLengthOf(flags, keys),
    leaseGrant: has("lease-grant") ? leaseGrantFromFlags(leases, load.timeoutMs, () => {}) : null,
  };
}

/** Inserted keys lie behind the key space, whatever of the run they turn out to be. */
function assertInsertsFit(
  keys: KeySpace,
  { totalRequests, warmupRequests, warmupMs }: RunPlan["limits"],
  { clients }: RunPlan["load"],
): void {
  const isBounded = totalRequests !== null && warmupMs === null;
  const inserts = isBounded
    ? totalRequests + (warmupRequests ?? 0) + 2 * clients
    : UNBOUNDED_INSERTS;
  const keySpaceSize = Math.min(Number.MAX_SAFE_INTEGER, keys.keySpaceSize + inserts);
  assertKeysFit({ ...keys, keySpaceSize }, "--key-space-size and the inserts that may come to it");
}

function scanLengthOf(flags: PlanFlags, { keySpaceSize }: KeySpace): number {
  const scanLength = countOf(flags, "scan-length", MAX_SCAN_LENGTH);
  const most = Number.MAX_SAFE_INTEGER - UNBOUNDED_INSERTS * scanLength;
  if (keySpaceSize * scanLength <= most) return scanLength;
  throw usageError(
    `--scan-length=${scanLength} times --key-space-size=${keySpaceSize} is beyond what is counted ` +
      "here: lower one of them",
  );
}
