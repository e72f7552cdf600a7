/** `bench txn-mixed [key [end]]`: transactions of one range or one put each. */

import { flagError } from "../../errors.ts";
import { like, parsed } from "../../flags/vocabulary.ts";
import { keyBytes, keyTextOf } from "../../plan/key-text.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { badValue } from "../../units.ts";
import { defineWorkload } from "../definition.ts";
import { ONE_CONSISTENCY } from "../parts/flags/consistency.ts";
import {
  keySpaceFlagsOf,
  keySpaceOf,
  ORDERED_KEY_SPACE_FLAGS,
  POPULARITY,
} from "../parts/flags/key-space.ts";
import { LIMIT } from "../parts/flags/limit.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type TxnMixedWorkload, txnMixedSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

/** A run beyond this would hardly ever put. */
const MAX_RATIO = 1e9;

export const txnMixed = defineWorkload({
  name: "txn-mixed",
  summary:
    "Measure transactions of one range (KEY may be hex:... or base64:...) or one put each, mixed by --rw-ratio",
  positionals: { usage: "[key] [end]", most: 2 },
  examples: [
    [
      "txn-mixed --local --rw-ratio=4 --key-space-size=1000 --limit=10 --clients=9",
      "four ranges of the key space's first ten keys for each put",
    ],
    [
      "txn-mixed foo --local --consistency=s --clients=10",
      "serializable ranges of the key foo, as many puts",
    ],
    ["txn-mixed foo --end-key=fop --local --total=500", "the keys from foo up to fop"],
  ],
  flags: {
    ...ORDERED_KEY_SPACE_FLAGS,
    rwRatio: parsed(
      {
        ...workload,
        name: "rw-ratio",
        default: "1",
        describe: "ranges per put, e.g. 4 or 0.125",
      },
      {
        parse(flag, text) {
          const ratio = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
          if (ratio >= 0 && ratio <= MAX_RATIO) return ratio;
          throw badValue(flag, text, "a number from 0 of ranges per put", "0.5");
        },
        format: String,
      },
    ),
    endKey: parsed(
      {
        ...workload,
        name: "end-key",
        describe: "end of the ranges (excluded), as [end]; default: end of the key space",
      },
      { isText: true, parse: keyTextOf, format: (text) => text },
    ),
    limit: like(LIMIT, { default: "1000" }),
    consistency: ONE_CONSISTENCY,
    popularity: like(POPULARITY, {
      shownDefault: "in order",
      describe: `of the keys that are put: ${POPULARITY.describe}; by default in order, as upstream`,
    }),
  },
  schema: txnMixedSchema,
  calibrated: [{ flags: ({ sizes }) => ({ ...sizes, "key-space-size": "10000" }) }],
  writes: true,
  isWarmed: true,
  plan(flags, { args, note }): TxnMixedWorkload {
    const key = args[0] ?? null;
    const end = endOf(flags.endKey, args[1] || null);
    if (key !== null && end !== null && keyBytes(end).compare(keyBytes(key)) <= 0) {
      note(
        `the end ${JSON.stringify(end)} does not come after the key ${JSON.stringify(key)}: the ranges are empty`,
      );
    }
    const { limit, consistency, rwRatio, popularity } = flags;
    // In order, as upstream.
    const keys = keySpaceOf(flags, popularity === null);
    return {
      kind: "txn-mixed",
      keys,
      ...valuesOf(flags.valSize, keys, note),
      key,
      end,
      limit: limit === 0 ? null : limit,
      consistency,
      rwRatio,
    };
  },
  settings: [{ name: "reads per write", read: ({ rwRatio }) => rwRatio }],
  makesRevision: (series) => series === "txn-mixed-write",
  describe(plan) {
    const { keys, consistency } = plan;
    const sizes = describeSizes(keys.keySizeBytes, plan);
    return `txn-mixed ${consistency}, ${describeReads(plan)}, ${sizes}${describeOrder(keys)}`;
  },
  plannedWrites: (plan, requests) => ({
    ...sizesOf(plan),
    puts: Math.ceil(requests / (1 + plan.rwRatio)),
    deletes: 0,
  }),
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { keys, key, end, limit, consistency, rwRatio } = plan;
    return {
      args: key === null ? [] : [key, ...(end === null ? [] : [end])],
      flags: {
        ...keySpaceFlagsOf(keys),
        popularity: keys.sequential ? null : keys.popularity,
        valSize: valSizeOf(plan),
        endKey: key === null ? end : null,
        limit: limit ?? 0,
        consistency,
        rwRatio,
      },
    };
  },
});

function endOf(endKey: string | null, end: string | null): string | null {
  // Upstream's default for the flag is an empty text, which means none there.
  if (endKey === null || endKey === "") return end;
  if (end === null || end === endKey) return endKey;
  throw flagError(
    "end-key",
    `--end-key=${endKey} and the end ${JSON.stringify(end)} name two ends; leave one of them out`,
  );
}

function describeReads({ rwRatio, key, end, limit }: TxnMixedWorkload): string {
  const from = key === null ? "the key space" : key === "" ? "all keys" : JSON.stringify(key);
  const to = end === null ? "" : ` to ${JSON.stringify(end)}`;
  const keys = limit === null ? "" : `, at most ${formatNoun(limit, "key")}`;
  return `${rwRatio} ${rwRatio === 1 ? "range" : "ranges"} (${from}${to}${keys}) per put`;
}
