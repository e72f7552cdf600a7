/** Owns the flags and arguments of txn-mixed, read into its workload. */
import { usageError } from "../../errors.ts";
import { TXN_MIXED_DEFAULTS } from "../defaults.ts";
import { keyBytes } from "../key-text.ts";
import { type PlanFlags, textOf } from "../plan-flags.ts";
import type { TxnMixedWorkload } from "../schema.ts";
import { badValue } from "../units.ts";
import { valuesOf } from "../values.ts";
import { limitOf } from "../workload-from-flags.ts";
import { keySpaceOf } from "./key-space-flags.ts";
import { oneConsistencyOf } from "./one-consistency.ts";

/** A run beyond this would hardly ever put. */
const MAX_RATIO = 1e9;

export function txnMixedFromFlags(
  flags: PlanFlags,
  key: string | null,
  end: string | null,
  note: (line: string) => void,
): TxnMixedWorkload {
  const rangeEnd = endOf(flags, end);
  if (key !== null && rangeEnd !== null && keyBytes(rangeEnd).compare(keyBytes(key)) <= 0) {
    note(
      `the end ${JSON.stringify(rangeEnd)} does not lie behind the key ${JSON.stringify(key)}: the ranges are empty`,
    );
  }
  // In order, as upstream.
  const keys = keySpaceOf(flags, { sequential: flags.popularity === undefined });
  return {
    kind: "txn-mixed",
    keys,
    ...valuesOf(flags, keys, note),
    key,
    end: rangeEnd,
    limit: limitOf({ ...flags, limit: flags.limit ?? TXN_MIXED_DEFAULTS.limit }),
    consistency: oneConsistencyOf(flags),
    rwRatio: ratioOf(flags),
  };
}

function endOf(flags: PlanFlags, end: string | null): string | null {
  const endKey = flags["end-key"];
  // Upstream's default for the flag is an empty text, which stands for none there.
  if (endKey === undefined || endKey === "") return end;
  if (end !== null && end !== endKey) {
    throw usageError(
      `--end-key=${endKey} and the end ${JSON.stringify(end)} name two ends; leave one of them out`,
    );
  }
  return endKey;
}

function ratioOf(flags: PlanFlags): number {
  const text = textOf(flags, "rw-ratio");
  const ratio = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (ratio >= 0 && ratio <= MAX_RATIO) return ratio;
  throw badValue("--rw-ratio", text, "a number from 0 of ranges per put", "0.5");
}
