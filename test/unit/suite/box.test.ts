/** Tests the included suites: each can be read and planned, and has the loads that it claims. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MEASURING_COMMANDS } from "../../../src/cli/measure/measuring-commands.ts";
import { type PlannedCell, planCells } from "../../../src/cli/suite/plans.ts";
import { publishedRows } from "../../../src/saved/published.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import type { Overrides } from "../../../src/suite/cells.ts";
import { boxedSuites, findSuite } from "../../../src/suite/find.ts";
import { readSuite } from "../../../src/suite/read.ts";
import { suiteJsonSchemaText } from "../../../src/suite/schema.ts";

async function planned(name: string, overrides: Partial<Overrides> = {}): Promise<PlannedCell[]> {
  const { file, text } = await findSuite(name);
  const read = readSuite(file, text, MEASURING_COMMANDS);
  assert.is(read.suite.name, name, "a suite has the name of its file");
  const none = {
    sets: new Map(),
    scale: 1,
    repeats: null,
    flags: { local: "3" },
    only: [],
    skip: [],
  };
  return planCells(read, { ...none, ...overrides }, {});
}

for (const name of boxedSuites()) {
  test(`${name} makes valid plans, in full and scaled down`, async () => {
    for (const scale of [1, 0.01]) {
      const plans = (await planned(name, { scale })).flatMap(({ plan, preparePlans }) => [
        plan,
        ...preparePlans,
      ]);
      // Cells with the same preparation have the same plans for it.
      for (const text of new Set(plans.map((plan) => JSON.stringify(plan)))) {
        const plan: unknown = JSON.parse(text);
        assert.equal(runPlanSchema.parse(plan), plan);
      }
    }
  });
}

test("the JSON Schema for editors contains every measuring command", () => {
  const text = suiteJsonSchemaText(MEASURING_COMMANDS);
  for (const { name } of MEASURING_COMMANDS) assert.ok(text.includes(JSON.stringify(name)), name);
  assert.match(text, '"sequential-keys":');
});

test("the suite published has the load of each published row, and no other", async () => {
  const load = (plan: PlannedCell["plan"]) => ({
    workload: plan.workload,
    connections: plan.load.connections,
    clients: plan.load.clients,
    leaderOnly: plan.target.leaderOnly,
    limits: plan.limits,
    ratePerSec: plan.pacing.ratePerSec,
  });
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const rows = publishedRows()
    .filter(({ result }) => result.target.version === "3.2.0")
    .map(({ result }) => load(result.plan));
  assert.is(rows.length, 7);
  const cells = await planned("published");
  assert.equal(cells.map(({ plan }) => load(plan)).sort(byText), rows.sort(byText));
});

test.run();
