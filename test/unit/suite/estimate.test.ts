/** Tests the estimated time of a run, and of all runs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunPlan } from "../../../src/plan/schema.ts";
import {
  aroundRunMs,
  describeEstimate,
  type Estimate,
  estimateRun,
  type KnownTimes,
  prepareMs,
  roundedDuration,
  sumOf,
} from "../../../src/suite/estimate.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { type Overrides, planFixture } from "../../fixtures/result-fixture.ts";

const UNKNOWN: KnownTimes = { earlierMs: null, expectMs: null };

const estimate = (overrides: Overrides<RunPlan>, known = UNKNOWN) =>
  estimateRun(planFixture(overrides), known);

test("a duration, or a total at a rate, gives the time of a run, warm-up included", () => {
  const limits = { durationMs: 5000, totalRequests: null, warmupMs: 1000 };
  assert.equal(estimate({ limits }), { ms: 6000, by: "schedule" });
  const paced = { pacing: { ratePerSec: 100 }, limits: { durationMs: null, totalRequests: 300 } };
  assert.equal(estimate(paced), { ms: 3000, by: "schedule" });
  const both = { pacing: { ratePerSec: 100 }, limits: { durationMs: 2000, totalRequests: 300 } };
  assert.equal(estimate(both), { ms: 2000, by: "schedule" });
});

test("a closed loop with a total has the time of an earlier run, else the expected time, else none", () => {
  const limits = { durationMs: null, totalRequests: 300 };
  assert.is(estimate({ limits }), null);
  assert.equal(estimate({ limits }, { earlierMs: null, expectMs: 7 }), { ms: 7, by: "expected" });
  assert.equal(estimate({ limits }, { earlierMs: 5, expectMs: 7 }), { ms: 5, by: "earlier" });
});

test("a duration with a total is the longest time of a run", () => {
  const limits = { durationMs: 4000, totalRequests: 300 };
  assert.equal(estimate({ limits }), { ms: 4000, by: "most" });
  assert.equal(estimate({ limits }, { earlierMs: 5, expectMs: null }), { ms: 5, by: "earlier" });
});

test("the estimate of a search adds up its bracket, the halvings to its precision, and verification", () => {
  const search = { limits: [], startRatePerSec: 100, stepDurationMs: 2000, precision: 0.05 };
  const limits = { durationMs: 10_000, totalRequests: null, warmupMs: null };
  const found = estimate({ search, limits })!;
  assert.is(found.by, "expected");
  const finer = estimate({ search: { ...search, precision: 0.01 }, limits })!;
  assert.ok(found.ms > 10 * 2000 + 10_000 && finer.ms > found.ms, `${found.ms}, ${finer.ms}`);
  assert.equal(estimate({ search, limits }, { earlierMs: 5, expectMs: null })!.by, "earlier");
});

test("a step of a search is as long as its limit needs samples at its first rate", () => {
  const limit = { series: null, metric: "p99" as const, comparison: "<" as const, limit: 150 };
  const search = { limits: [limit], startRatePerSec: 100, stepDurationMs: 1000, precision: 0.3 };
  const limits = { durationMs: 12_000, totalRequests: null, warmupMs: null };
  const slow = estimate({ search: search as never, limits })!;
  // 1,000 samples and some more, which take 11 s.
  const fast = estimate({ search: { ...search, startRatePerSec: 5000 } as never, limits })!;
  assert.ok(slow.ms - fast.ms >= 4 * 9_000, `${slow.ms}, ${fast.ms}`);
});

test("each step of a search has its time for each operation that takes turns", () => {
  const timeOf = (consistency: string) => {
    const flags = { ...{ "find-max": "p99<1s", "find-step-duration": "30s" }, consistency };
    const given = { ...flags, endpoints: "h:1", duration: "60s" };
    const { plan } = planFromFlags({ command: "range", args: ["k"], flags: given }, {});
    return estimateRun(plan, UNKNOWN)!.ms;
  };
  const [one, both] = [timeOf("l"), timeOf("l,s")];
  assert.ok(both > 1.8 * one, `${one} ms, ${both} ms`);
});

test("each step of a search puts its keys again", () => {
  const time = (size: string) => {
    const given = { endpoints: "h:1", duration: "2s", prefix: true, "key-space-size": size };
    const flags = { ...given, "find-max": "p99<1s" };
    return estimateRun(planFromFlags({ command: "range", args: ["k"], flags }, {}).plan, UNKNOWN)!
      .ms;
  };
  assert.ok(time("21000") - time("1000") >= 5 * 10_000, "of several steps, 10 s each");
});

test("each of two consistencies has the whole duration", () => {
  const workload = planFixture().workload;
  const both = ["linearizable", "serializable"] as const;
  const range = { ...workload, kind: "range" as const, consistency: [...both] };
  const limits = { durationMs: 3000, totalRequests: null };
  const plan = { ...planFixture({ limits }), workload: range } as unknown as RunPlan;
  assert.is(estimateRun(plan, UNKNOWN)?.ms, 6000);
});

test("a warm-up of so many requests has the time of its rate, else none", () => {
  const limits = { durationMs: 2000, totalRequests: null, warmupMs: null, warmupRequests: 1000 };
  assert.equal(estimate({ limits, pacing: { ratePerSec: 100 } }), { ms: 12_000, by: "schedule" });
  const closed = estimate({ limits });
  assert.equal(closed, { ms: 2000, by: "least" });
  assert.match(
    describeEstimate(sumOf([{ estimate: closed, aroundMs: 1000 }])),
    /^3s and more: one run sends a given number/,
  );
});

test("what an earlier run took is its measured phase, to which its warm-up is added", () => {
  const limits = { durationMs: null, totalRequests: 300, warmupMs: 4000 };
  assert.is(estimate({ limits }, { earlierMs: 5000, expectMs: null })!.ms, 9000);
});

test("a step that prepares takes as long as its requests, where it has a number of them", () => {
  const step = (totalRequests: number) =>
    prepareMs(planFixture({ limits: { durationMs: null, totalRequests } }));
  assert.is(step(21_000) - step(1_000), 10_000);
});

test("a sum marks unknown times and upper bounds", () => {
  const each = (ms: number, by: Estimate["by"]) => ({ estimate: { ms, by }, aroundMs: 1000 });
  const unknown = { estimate: null, aroundMs: 1000 };
  assert.equal(sumOf([each(2000, "schedule"), each(3000, "earlier")]), {
    ms: 7000,
    unknownRuns: 0,
    isMost: false,
  });
  assert.is(describeEstimate(sumOf([each(2000, "schedule")])), "about 3s");
  assert.is(describeEstimate(sumOf([each(2000, "most")])), "at most 3s");
  assert.match(
    describeEstimate(sumOf([each(2000, "most"), unknown])),
    /^4s and more: one run sends a given number of requests/,
  );
});

test("long durations are rounded", () => {
  const shown = [1, 59_400, 60_000, 131_000, 599_000, 605_000, 3_600_000, 80_000_000];
  assert.equal(shown.map(roundedDuration), [
    "1s",
    "59s",
    "1m00s",
    "2m11s",
    "9m59s",
    "10m",
    "1h00m",
    "22h13m",
  ]);
});

test("the keys that are put before the load are in the time around a run", () => {
  const around = (flags: Record<string, string | boolean>) => {
    const given = { endpoints: "h:1", duration: "2s", prefix: true, ...flags };
    const { plan } = planFromFlags({ command: "range", args: ["k"], flags: given }, {});
    return aroundRunMs(plan, false);
  };
  const few = around({ "key-space-size": "1000", "val-size": "8" });
  const more = around({ "key-space-size": "21000", "val-size": "8" }) - few;
  assert.ok(Math.abs(more - 10_000) < 10, String(more));
  const large = around({ "key-space-size": "1000", "val-size": "1MiB" }) - few;
  assert.ok(large > 8_000, `a gibibyte takes more than its requests do: ${large}`);
});

test("the connections of a run are opened in the time around it, and TLS takes longer", () => {
  const around = (flags: Record<string, string | boolean>) => {
    const given = { duration: "2s", local: "1", clients: "2000", ...flags };
    return aroundRunMs(planFromFlags({ command: "put", args: [], flags: given }, {}).plan, false);
  };
  const few = around({});
  const plain = around({ conns: "2000" }) - few;
  const tls = around({ conns: "2000", tls: true }) - few;
  assert.ok(plain > 1_000 && tls > 3 * plain, `${plain}, ${tls}`);
});

test("leases that are left to expire are waited for", () => {
  const around = (flags: Record<string, string | boolean>) => {
    const given = { endpoints: "h:1", duration: "2s", ttl: "15s", timeout: "30s", ...flags };
    const { plan } = planFromFlags({ command: "lease-grant", args: [], flags: given }, {});
    return aroundRunMs(plan, false);
  };
  assert.is(around({ expire: true }) - around({}), 15_000);
});

test("leases that are granted before the load are in the time around a run", () => {
  const around = (command: "lease-keepalive" | "lock", clients: string) => {
    const given = { endpoints: "h:1", duration: "2s", clients };
    return aroundRunMs(planFromFlags({ command, args: [], flags: given }, {}).plan, false);
  };
  for (const command of ["lease-keepalive", "lock"] as const) {
    assert.is(around(command, "10001") - around(command, "1"), 10_000, command);
  }
});

test.run();
