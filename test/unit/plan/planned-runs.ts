/** Makes plans of put and range, and checks them against the schema. */
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import type { PlannedRun } from "../../../src/plan/from-flags.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { keyArguments } from "../../fixtures/arguments.ts";

export function put(flags: GivenFlags = {}, env: NodeJS.ProcessEnv = {}): PlannedRun {
  const planned = planFromFlags({ command: "put", flags }, env);
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}

export function range(
  flags: GivenFlags = {},
  key: string | null = null,
  end: string | null = null,
) {
  const planned = planFromFlags({ command: "range", flags, args: keyArguments(key, end) }, {});
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}
