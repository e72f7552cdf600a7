/** Owns the flags of a key space and its values as the transactions, deletes and mixes read them. */
import { assertKeysFit } from "../key-capacity.ts";
import { keySizeOf } from "../key-size.ts";
import { choiceOf, countOf, type PlanFlags, textOf } from "../plan-flags.ts";
import type { KeySpace } from "../schema.ts";
import { popularityOf } from "./popularity.ts";

export interface KeySpaceRules {
  sequential: boolean;
  /** Where `--key-space-size` is not given; absent: upstream's 1. */
  defaultSize?: number;
}

/** @throws BenchError (usage) where that many keys do not fit into `--key-size`. */
export function keySpaceOf(flags: PlanFlags, rules: KeySpaceRules): KeySpace {
  const isDefaulted = flags["key-space-size"] === undefined && rules.defaultSize !== undefined;
  const keys: KeySpace = {
    keySizeBytes: keySizeOf(flags),
    keySpaceSize: isDefaulted
      ? rules.defaultSize!
      : countOf(flags, "key-space-size", Number.MAX_SAFE_INTEGER),
    sequential: rules.sequential,
    popularity: popularityOf(flags, rules.sequential),
    prefix: textOf(flags, "prefix"),
    encoding: choiceOf(flags, "key-encoding", ["fixed", "varint"]),
  };
  assertKeysFit(keys, isDefaulted ? "the default --key-space-size" : "--key-space-size");
  return keys;
}
