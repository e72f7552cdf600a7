/** `--mix` of the operations of one key space: weights, or one of YCSB's core workloads by its name. */
import { parsed } from "../../../flags/vocabulary.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import { MIXED_OPERATIONS, type MixedOperation } from "../../mixed/operations.ts";
import type { MixedWorkload } from "../../mixed/schema.ts";
import { formatWeights, parseWeights } from "./weights.ts";

export interface NamedMix {
  mix: MixedWorkload["mix"];
  /** How the keys are drawn, where the name says it; null: as `--popularity` has it. */
  popularity: KeySpace["popularity"] | null;
}

/** YCSB's core workloads, as it publishes them; its update is a put, its read a range of one key. */
const YCSB: ReadonlyMap<string, NamedMix> = new Map<string, NamedMix>([
  ["ycsb-a", named("zipfian", ["put", 50], ["range", 50])],
  ["ycsb-b", named("zipfian", ["put", 5], ["range", 95])],
  ["ycsb-c", named("zipfian", ["range", 100])],
  ["ycsb-d", named("latest", ["insert", 5], ["range", 95])],
  ["ycsb-e", named("zipfian", ["insert", 5], ["scan", 95])],
  ["ycsb-f", named("zipfian", ["rmw", 50], ["range", 50])],
]);

const EXAMPLE = "put=20,range=70,delete=10";

/** `put=20,range=70,delete=10`, or the name of a mix. */
export const MIX = parsed(
  {
    group: "Workload:",
    name: "mix",
    default: EXAMPLE,
    describe:
      "weights of put, insert, range, scan, rmw (read, then put), delete, txn-put, lease-grant; or " +
      "ycsb-a to ycsb-f: YCSB's shares on keys drawn as it does, by Zipf's law (D: the newest first)",
  },
  {
    parse(flag, text): NamedMix {
      const byName = YCSB.get(text.trim().toLowerCase());
      if (byName !== undefined) return byName;
      return { mix: parseWeights(flag, text, MIXED_OPERATIONS, EXAMPLE), popularity: null };
    },
    format: ({ mix }) => formatWeights(mix),
  },
);

function named(
  popularity: KeySpace["popularity"],
  ...parts: [operation: MixedOperation, weight: number][]
): NamedMix {
  return { mix: parts.map(([operation, weight]) => ({ operation, weight })), popularity };
}
