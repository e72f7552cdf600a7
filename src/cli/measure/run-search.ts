/** Owns what a person hears of a search while it goes on: a line for each step. */
import type { RunPlan, Search } from "../../plan/schema.ts";
import { describeStep } from "../../report/table/search-section.ts";
import { type FoundMax, findMax } from "../../run/find-max.ts";
import type { RunOptions } from "../../run/run.ts";
import { roundedDuration } from "../../suite/estimate.ts";

export function runSearch(plan: RunPlan, search: Search, options: RunOptions): Promise<FoundMax> {
  return findMax(plan, search, {
    ...options,
    onStep: (result, leftMs) => {
      const left = leftMs === null ? "" : ` (about ${roundedDuration(leftMs)} to go)`;
      options.say?.(`${describeStep(result)}${left}`);
    },
  });
}
