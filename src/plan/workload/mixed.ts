/** Owns the flags of mixed, `--mix` before all, read into its workload. */
import { usageError } from "../../errors.ts";
import { DEFAULTS } from "../defaults.ts";
import { type PlanFlags, textOf } from "../plan-flags.ts";
import type { MixedOperation, MixedWorkload } from "../schema.ts";
import { valuesOf } from "../values.ts";
import { keySpaceOf } from "./key-space-flags.ts";
import { oneConsistencyOf } from "./one-consistency.ts";
import { txnOpsOf } from "./txn-put.ts";
import { parseWeights } from "./weights.ts";

type Mix = MixedWorkload["mix"];

const OPERATIONS: readonly MixedOperation[] = ["put", "range", "delete", "txn-put"];
/** The shares of YCSB's core workloads that consist of these operations; its update is a put. */
const YCSB_MIXES: ReadonlyMap<string, Mix> = new Map<string, Mix>([
  ["ycsb-a", mixOf(["put", 50], ["range", 50])],
  ["ycsb-b", mixOf(["put", 5], ["range", 95])],
  ["ycsb-c", mixOf(["range", 100])],
]);
/** Why a mix of these operations would not be the workload of that name. */
const YCSB_LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["ycsb-d", "it reads what was inserted last"],
  ["ycsb-e", "it scans"],
  ["ycsb-f", "it reads, modifies and writes in one operation"],
]);
/** As YCSB's recordcount. */
const DEFAULT_KEYS = 1_000;

export function mixedFromFlags(flags: PlanFlags, note: (line: string) => void): MixedWorkload {
  const mix = parseMix(textOf(flags, "mix"));
  const has = (operation: MixedOperation) => mix.some((each) => each.operation === operation);
  if (flags.consistency !== undefined && !has("range")) {
    note("--consistency has no effect: --mix has no range");
  }
  if (flags["txn-ops"] !== undefined && !has("txn-put")) {
    note("--txn-ops has no effect: --mix has no txn-put");
  }
  const keys = keySpaceOf(flags, { sequential: false, defaultSize: DEFAULT_KEYS });
  const txnOps = has("txn-put") ? txnOpsOf(flags, keys.keySpaceSize, note) : 1;
  const { keySizeBytes } = keys;
  return {
    kind: "mixed",
    keys,
    ...valuesOf(flags, { keySizeBytes, puts: txnOps }, note),
    mix,
    consistency: oneConsistencyOf(flags),
    txnOps,
  };
}

/**
 * `put=20,range=70,delete=10`, or the name of a mix.
 * @throws BenchError (usage) for what is no operation, stands twice or weighs nothing.
 */
export function parseMix(text: string): Mix {
  const name = text.trim().toLowerCase();
  const named = YCSB_MIXES.get(name);
  if (named !== undefined) return named;
  const leftOut = YCSB_LEFT_OUT.get(name);
  if (leftOut !== undefined) {
    const offered = [...YCSB_MIXES.keys()].join(", ");
    throw badMix(`${name} is not offered, because ${leftOut}: name ${offered}, or weights`);
  }
  return parseWeights("--mix", text, OPERATIONS, DEFAULTS.mix);
}

function badMix(fault: string): Error {
  return usageError(`--mix: ${fault}, e.g. --mix=${DEFAULTS.mix}`);
}

function mixOf(...parts: [operation: MixedOperation, weight: number][]): Mix {
  return parts.map(([operation, weight]) => ({ operation, weight }));
}
