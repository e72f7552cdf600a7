/** `bench range [key [end]]`: reads of a key or a range of keys. */
import { valSizeOf } from "../../plan/values.ts";
import { defineWorkload } from "../definition.ts";
import { keySpaceFlagsOf } from "../parts/flags/key-space.ts";
import { FLAGS } from "./flags.ts";
import { rangePlan } from "./plan-of-flags.ts";
import { rangeSchema } from "./schema.ts";
import { isPageSeries, rangesAt } from "./series.ts";
import { describeRange } from "./words.ts";

export const range = defineWorkload({
  name: "range",
  summary:
    "Measure reads of a key (hex:fffe71 or base64:... for octets), or of the keys from KEY up to END",
  positionals: { usage: "[key] [end]", most: 2 },
  examples: [
    ["range --local --consistency=l,s", "puts one key, and reads it linearizable and serializable"],
    ["range foo --conns=100 --clients=1000 --duration=2s", "linearizable reads of the key foo"],
    [
      "range --local --key-space-size=10k --val-size=1KiB --popularity=zipfian --clients=10",
      "puts 10,000 keys, and reads hot ones more often",
    ],
    [
      "range pods/ --local --prefix --key-size=16 --key-space-size=2k --paginate --limit=500 --total=100",
      "puts 2,000 keys under pods/, and lists them all, 500 a page",
    ],
    ["range --duration=1s -- -a -z", "the keys from -a up to -z; they start with a dash"],
  ],
  flags: FLAGS,
  schema: rangeSchema,
  calibrated: [{ key: "calibrat", flags: () => ({ consistency: "s" }), repeats: "range" }],
  writes: true,
  isWarmed: true,
  fitsGateway: true,
  plan: rangePlan,
  // Both kinds of read have the whole limits each.
  passes: ({ consistency }) => consistency.length,
  seriesRole: (series) => (isPageSeries(series) ? "detail" : "requests"),
  publishedTable: { title: "Ranges", verb: "read", counted: "requests", tells: "consistency" },
  // The pages of a scan are shown with the latencies: the scan is what was asked for.
  publishedShape: ({ consistency, key, keySpace, content, fetch }, series) =>
    isPageSeries(series)
      ? null
      : {
          consistency: consistency.find((each) => series === rangesAt(each)) ?? null,
          hasKnownSizes:
            key === null && keySpace === null && content === "all" && fetch === "whole",
        },
  describe: describeRange,
  plannedWrites({ keySpace, keySizeBytes, valSizeBytes, valueSize }) {
    if (keySpace === null) return null;
    const loweredBy = [FLAGS.keySpaceSize.name];
    const puts = keySpace.keySpaceSize;
    return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: 0, loweredBy };
  },
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { key, end, prefix, fetch, limit, content, sort, consistency, keySpace } = plan;
    const named = key === null || (prefix && key === "") ? [] : [key];
    const putsNothing = keySpace === null && key !== null;
    // Here --prefix is the switch; the key space's own prefix is the key.
    const {
      prefix: _,
      encoding: __,
      ...space
    } = keySpace === null ? { prefix: "", encoding: "" } : keySpaceFlagsOf(keySpace);
    return {
      args: end === null ? named : [...named, end],
      flags: {
        ...space,
        sequential: keySpace?.sequential ?? false,
        prefix,
        ...(putsNothing ? {} : { keySizeBytes: plan.keySizeBytes, valSize: valSizeOf(plan) }),
        consistency,
        limit: limit ?? 0,
        keysOnly: content === "keys",
        countOnly: content === "count",
        sort,
        isPaged: fetch === "pages",
        isStreamed: fetch === "stream",
      },
    };
  },
});
