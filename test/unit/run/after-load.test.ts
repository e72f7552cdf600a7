/** Tests what follows the load of a run: what could not be checked on etcd is a fault of it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { EXIT } from "../../../src/errors.ts";
import type { Availability } from "../../../src/result/availability-schema.ts";
import { AfterLoad } from "../../../src/run/after-load.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import { judge } from "../../../src/run/verdict.ts";
import { preparation } from "../../../src/workloads/availability/prepare.ts";
import type { AvailabilityWorkload } from "../../../src/workloads/availability/schema.ts";
import { availabilityRemarks } from "../../../src/workloads/availability/section.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { PreparedLoad } from "../../../src/workloads/preparation.ts";
import { availabilityOf, UNREAD_WRITES } from "../../fixtures/availability-fixture.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

async function faultsOf(writes: Availability["writes"]): Promise<string[]> {
  const prepared = { assess: async () => availabilityOf(0, { writes }) } as unknown as Prepared;
  const after = new AfterLoad(planFixture(), prepared, undefined);
  await after.assess(0, []);
  return after.faults;
}

/** As a run of puts alone is prepared, for which nothing is asked of etcd. */
async function preparedAvailability(): Promise<Pick<PreparedLoad, "brokenPromises">> {
  const { plan } = planFromFlags(
    { command: "availability", args: [], flags: { endpoints: "a:1", workload: "put" } },
    {},
  );
  const target = { endpoints: ["a:1"], clusterId: null, version: null, members: [], notes: [] };
  const access = { tls: null, tokens: null };
  return await preparation.prepare(plan.workload as AvailabilityWorkload, {
    ...{ plan, target, access },
    note() {},
  });
}

test("writes that no member could be asked for are a fault of the run", async () => {
  const faults = await faultsOf(UNREAD_WRITES);
  assert.equal(faults, [
    "what became of the writes could not be checked: m1 could not be read at the end: UNAVAILABLE: refused",
  ]);
  const run = resultFixture();
  const verdict = judge(run.plan, run.operations, run.client, { sentShare: null }, null, faults);
  assert.is(exitCodeOf({ ...run, faults, verdict }), EXIT.failed);
  assert.match(
    (await faultsOf({ ...UNREAD_WRITES, members: [] })).join(),
    "no member is known that could be read",
  );
});

test("writes that were lost, and other promises of etcd that were broken, are faults of the run", async () => {
  const { writes } = availabilityOf(0);
  const { brokenPromises } = await preparedAvailability();
  const prepared = {
    assess: async () => availabilityOf(0, { writes: { ...writes!, lost: 2, appliedTwice: 1 } }),
    brokenPromises,
  } as unknown as Prepared;
  const after = new AfterLoad(planFixture(), prepared, undefined);
  await after.assess(0, []);
  assert.equal(after.faults, ["2 acknowledged writes lost", "1 write applied twice"]);
  assert.equal(brokenPromises!(availabilityOf(900)), []);
});

test("writes that a member was read for, and runs without any, are no fault", async () => {
  const { writes } = availabilityOf(0);
  const other = { ...UNREAD_WRITES.members[0]!, member: "m3" };
  assert.equal(await faultsOf({ ...writes!, members: [...writes!.members, other] }), []);
  assert.equal(await faultsOf(null), []);
});

test("what could not be read is no number in the remarks, in earlier results too", () => {
  const earlier = { inDoubtApplied: 0, inDoubtNotApplied: 0, inDoubtDiverged: 0 };
  for (const writes of [UNREAD_WRITES, { ...UNREAD_WRITES, ...earlier }]) {
    const text = availabilityRemarks(availabilityOf(900, { writes })).join("\n");
    assert.match(text, "60 acknowledged, - of them lost; 40 in doubt: - applied, - not; ");
    assert.match(text, "m1 could not be read at the end: UNAVAILABLE: refused");
  }
});

test("the remarks say that a leader stayed only if members told it", () => {
  const remarkOf = (leaderLostMs: number | null, elections: number | null) => {
    const { leadership } = availabilityOf(900);
    const found = { ...leadership!, leaderLostMs, leaderElectedMs: null, elections };
    return availabilityRemarks(availabilityOf(900, { leadership: found })).join("\n");
  };
  assert.match(remarkOf(null, 0), "the leader stayed");
  assert.match(remarkOf(null, null), "no member told of its leader at the end");
  assert.match(remarkOf(800, 0), "leader lost 800 ms after it began, and no next one elected");
});

test("the remarks say on how many members the writes were looked for, if not on all", () => {
  const { writes } = availabilityOf(0);
  const other = { ...UNREAD_WRITES.members[0]!, member: "m3" };
  const some = { ...writes!, members: [...writes!.members, other] };
  const text = availabilityRemarks(availabilityOf(0, { writes: some })).join("\n");
  assert.match(text, "0 of them lost on the 1 of 2 members that could be read;");
});

test.run();
