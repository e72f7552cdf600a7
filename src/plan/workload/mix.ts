/** Owns `--mix`: weights of operations, or one of YCSB's core workloads by its name. */
import { DEFAULTS } from "../defaults.ts";
import type { KeySpace, MixedWorkload } from "../workload-schema.ts";
import { MIXED_OPERATIONS, type MixedOperation } from "./mixed-operations.ts";
import { parseWeights } from "./weights.ts";

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

/**
 * `put=20,range=70,delete=10`, or the name of a mix.
 * @throws BenchError (usage) for what is no operation, stands twice or weighs nothing.
 */
export function parseMix(text: string): NamedMix {
  const byName = YCSB.get(text.trim().toLowerCase());
  if (byName !== undefined) return byName;
  return {
    mix: parseWeights("--mix", text, MIXED_OPERATIONS, DEFAULTS.mix),
    popularity: null,
  };
}

function named(
  popularity: KeySpace["popularity"],
  ...parts: [operation: MixedOperation, weight: number][]
): NamedMix {
  return { mix: parts.map(([operation, weight]) => ({ operation, weight })), popularity };
}
