/** Tests that the series and the streams predicted from a plan are those of its operations. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MEASURING_COMMANDS } from "../../../src/cli/measure/measuring-commands.ts";
import type { TargetInfo } from "../../../src/etcd/inspect.ts";
import { streamsNeeded } from "../../../src/load/held-streams.ts";
import type { OperationSpec } from "../../../src/load/messages.ts";
import type { RunPlan } from "../../../src/plan/schema.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { plannedSeries, prepareWorkload } from "../../../src/run/prepare.ts";
import { planFromFlags, workloadNamed } from "../../../src/workloads/catalogue.ts";
import { loadsOf } from "../../../src/workloads/loads.ts";
import { requestSeries } from "../../../src/workloads/series-roles.ts";
import { type FakeEtcd, startFakeEtcd } from "../../peers/fake-etcd.ts";

type Flags = Record<string, string | boolean>;

/** The required flags of each command, and the flags that change its series. */
const FLAGS: Record<string, readonly Flags[]> = {
  range: [
    { consistency: "l,s" },
    { "key-space-size": "9", prefix: true, paginate: true, limit: "3" },
  ],
  mixed: [{ mix: "put=1,range=1" }, { mix: "insert=1,txn-put=1,delete=1,rmw=1,scan=1" }],
  stm: [{}, { "stm-locker": "lock-client" }, { "stm-locker": "lock-rpc" }],
  "lease-grant": [{}, { expire: true, ttl: "1s", timeout: "1m" }],
  kubernetes: [{}, { scenario: "job-storm" }, { scenario: "relist" }, { scenario: "events" }],
};

const header = { revision: "7" };

async function fakeEtcd(): Promise<FakeEtcd> {
  let lease = 100;
  return startFakeEtcd({
    Range: () => ({ header, kvs: [], count: "0", more: false }),
    Put: () => ({ header }),
    LeaseGrant: ({ TTL }) => ({ ID: String(++lease), TTL }),
    LeaseRevoke: () => ({}),
  });
}

function targetOf(plan: RunPlan): TargetInfo {
  const { endpoints } = plan.target;
  const member = { id: "1", name: "m.1:x", endpoint: endpoints[0]!, version: null };
  const place = { isLeader: true, isLearner: false, dbSizeBytes: null, metricsUrls: [] };
  const members = [{ ...member, ...place }];
  return { endpoints, clusterId: null, version: null, members, notes: [] };
}

const named = (names: readonly string[]) => names.map((name) => ({ name }));

interface Prepared {
  title: string;
  plan: RunPlan;
  target: TargetInfo;
  operations: readonly OperationSpec[];
}

/** Hands each command, with each of its sets of flags, to `check` once it is prepared. */
async function forEachCommand(check: (prepared: Prepared) => Promise<void>): Promise<void> {
  const etcd = await fakeEtcd();
  try {
    for (const { name } of MEASURING_COMMANDS) {
      for (const flags of FLAGS[name] ?? [{}]) {
        const own = { ...flags, endpoints: etcd.endpoint };
        const { plan } = planFromFlags({ command: name, flags: own }, {});
        const target = targetOf(plan);
        const access = { tls: null, tokens: null };
        const { operations, cleanUp } = await prepareWorkload(plan, target, [], access);
        await cleanUp?.();
        await check({ title: `${name} ${JSON.stringify(flags)}`, plan, target, operations });
      }
    }
  } finally {
    await etcd.stop();
  }
}

test("for every command, the predicted series are those that its operations record", () =>
  forEachCommand(async ({ title, plan, target, operations }) => {
    const measured = operations.filter(({ isOutsideClock }) => !isOutsideClock);
    const series = await plannedSeries(plan, target);
    const recorded = measured.flatMap((each) => each.series);
    assert.equal(series, recorded, title);
    // The sums include the series of the requests, under any name.
    const summed = requestSeries(named(series), plan.workload.kind);
    const summedNames = summed.map((each) => each.name);
    for (const each of measured) {
      assert.ok(summedNames.includes(each.series[0]!), each.series[0]);
    }
  }));

test("for every command, the streams that are known before the preparation are those that it holds", () =>
  forEachCommand(async ({ title, plan, target, operations }) => {
    const { load, workload } = plan;
    const preparation = await workloadNamed(workload.kind).preparation();
    const planned = preparation.plannedOperations?.(workload, { plan, target }) ?? [];
    const held = async (specs: readonly OperationSpec[]) => {
      const loads = await loadsOf(specs);
      const shares = splitLoad(load, target.endpoints);
      const needs = shares.flatMap((share) => streamsNeeded(loads, specs, share));
      return needs.map((need) => need.held).filter((count) => count > 0);
    };
    assert.equal(await held(planned), await held(operations), title);
  }));

test.run();
