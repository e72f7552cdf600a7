/** Carries out one plan: a measurement, or the search for the highest rate that it asks for. */
import type { BenchError } from "../errors.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import type { RunOptions } from "../run/run.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";

export interface CarriedOut {
  /** One, or of a search a result for each step; what is known as a secret is cut out of them. */
  results: RunResult[];
  /** Why a search could not go on, where it is no matter of a result. */
  failure: BenchError | null;
}

/** @throws BenchError where nothing could be measured */
export async function carryOut(plan: RunPlan, options: RunOptions): Promise<CarriedOut> {
  if (plan.search !== null) {
    const { runSearch } = await import("./measure/run-search.ts");
    const { results, failure } = await runSearch(plan, plan.search, options);
    return { results: results.map(dataWithoutSecrets), failure };
  }
  const { run } = await import("../run/run.ts");
  return { results: [dataWithoutSecrets(await run(plan, options))], failure: null };
}
