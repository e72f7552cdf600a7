/** Tests that each observer of a run sees all that the result has. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operation } from "../../../src/load/load.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import type { ObservedRun, RunObserver } from "../../../src/run/observer.ts";
import { measure } from "../../../src/run/run.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const header = { revision: "7", memberId: "1", clusterId: "1" };

class Seen implements RunObserver {
  readonly order: string[] = [];
  run: ObservedRun | null = null;
  result: RunResult | null = null;
  readonly sums = { succeeded: 0, failed: 0, offered: 0, started: 0, dropped: 0 };
  readonly errors = new Map<string, number>();
  busy: number[] = [];

  onStart(run: ObservedRun): void {
    this.order.push("start");
    this.run = run;
  }

  onSecond: RunObserver["onSecond"] = (_, { succeeded, failed, errors }) => {
    this.order.push("second");
    this.sums.succeeded += succeeded;
    this.sums.failed += failed;
    for (const { code, count } of errors) {
      this.errors.set(code, (this.errors.get(code) ?? 0) + count);
    }
  };

  onClient: RunObserver["onClient"] = ({ offered, started, dropped, busyFractions }) => {
    this.order.push("client");
    this.sums.offered += offered;
    this.sums.started += started;
    this.sums.dropped += dropped;
    this.busy.push(...busyFractions);
  };

  onEnd(result: RunResult): void {
    this.order.push("end");
    this.result = result;
  }
}

test("several observers see the start, each second, errors by code, and the result at the end", async () => {
  let puts = 0;
  const etcd = await startFakeEtcd({
    Range: () => ({ header, kvs: [], count: "0", more: false }),
    Put: () => {
      puts += 1;
      if (puts % 10 === 0) throw { code: 8, details: "full" };
      return { header };
    },
  });
  try {
    const plan = planFixture({
      load: { connections: 2, clients: 2, workers: 2 },
      limits: { totalRequests: 200, durationMs: null },
      pacing: { ratePerSec: 150 },
    });
    plan.target.endpoints = [etcd.endpoint];
    const put = workloadOf<PutWorkload>(plan, "put");
    const target = {
      ...{ endpoints: plan.target.endpoints, clusterId: null, version: null },
      ...{ members: [], notes: [] },
    };
    const operations = [operation<PutSpec>({ series: ["put"], kind: "put", put })];
    const observers = [new Seen(), new Seen()] as const;
    const result = await measure(plan, { target, notes: [], operations }, { observers });
    const { requests, errors } = result.operations[0]!;
    const { succeeded, failed, offered, started, dropped } = requests;
    for (const seen of observers) {
      assert.equal(seen.sums, { succeeded, failed, offered, started, dropped });
      assert.equal(
        [...seen.errors],
        errors.map(({ code, count }) => [code, count]),
      );
      assert.is(seen.order[0], "start");
      assert.equal(seen.order.slice(1, 3), ["second", "client"]);
      assert.is(seen.order.at(-1), "end");
      assert.is(seen.run?.id, result.id);
      assert.is(seen.run?.measuredAt.toISOString(), result.measuredAt);
      assert.is(seen.result, result);
      assert.ok(seen.busy.length > 0 && seen.busy.every((busy) => busy >= 0 && busy <= 1));
    }
    assert.ok(failed > 0 && dropped === 0);
  } finally {
    await etcd.stop();
  }
});

test.run();
