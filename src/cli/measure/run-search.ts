/** Prints a line for each step of a search while it goes on. */
import type { RunPlan, Search } from "../../plan/schema.ts";
import { describeStep } from "../../report/table/search-section.ts";
import { type FoundMax, findMax, type SearchTime } from "../../run/find-max.ts";
import type { RunOptions } from "../../run/run.ts";
import { roundedDuration } from "../../suite/estimate.ts";

export function runSearch(plan: RunPlan, search: Search, options: RunOptions): Promise<FoundMax> {
  return findMax(plan, search, {
    ...options,
    onStep: (result, left) => {
      const time = left === null ? "" : ` (${timeText(left)} to go)`;
      options.say?.(`${describeStep(result)}${time}`);
    },
  });
}

/** `about 2m10s`; `2m10s or more` as long as no rate has failed. */
function timeText({ ms, isLeast }: SearchTime): string {
  return isLeast ? `${roundedDuration(ms)} or more` : `about ${roundedDuration(ms)}`;
}
