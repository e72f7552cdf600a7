/** Owns carrying out one plan: a measurement, or the search for the highest rate that it asks for. */
import type { BenchError } from "../errors.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import type { RunOptions } from "../run/run.ts";

export interface CarriedOut {
  /** One, or of a search a result for each step. */
  results: RunResult[];
  /** Why a search could not go on, where it is no matter of a result. */
  failure: BenchError | null;
}

/** @throws BenchError where nothing could be measured */
export async function carryOut(plan: RunPlan, options: RunOptions): Promise<CarriedOut> {
  if (plan.search !== null) {
    const { runSearch } = await import("./run-search.ts");
    return runSearch(plan, plan.search, options);
  }
  const { run } = await import("../run/run.ts");
  return { results: [await run(plan, options)], failure: null };
}
