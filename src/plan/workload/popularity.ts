/** Owns `--popularity`: how keys are drawn at random. */
import { usageError } from "../../errors.ts";
import { choiceOf, type PlanFlags } from "../plan-flags.ts";
import type { KeySpace } from "../schema.ts";

/** @throws BenchError (usage) where the keys come in order, which leaves nothing to draw. */
export function popularityOf(flags: PlanFlags, isSequential: boolean): KeySpace["popularity"] {
  const popularity = choiceOf(flags, "popularity", ["uniform", "zipfian", "latest"]);
  if (isSequential && flags.popularity !== undefined) {
    throw usageError(
      `--sequential-keys and --popularity=${popularity} exclude each other: keys come in order or ` +
        "at random; leave one of them out",
    );
  }
  return popularity;
}
