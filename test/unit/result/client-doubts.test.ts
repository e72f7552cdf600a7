/** Tests doubts about a run's figures because of the client's own delays and pauses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { clientDoubts } from "../../../src/result/client-doubts.ts";
import type { ClientResult } from "../../../src/result/schema.ts";
import { latencyFixture, operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const { client } = resultFixture();

function kindOf(found: { limits: string[]; doubts: string[] }): "limit" | "doubt" | "none" {
  if (found.limits.length > 0) return "limit";
  return found.doubts.length > 0 ? "doubt" : "none";
}

interface Figures {
  servicesMs: [p50: number | null, p99: number | null];
  responsesMs?: [p50: number | null, p99: number | null];
  delaysMs?: [p50: number, p99: number];
  lagsMs?: [p50: number, p99: number];
}

function doubtsOf({ servicesMs, responsesMs, delaysMs = [0, 0], lagsMs }: Figures) {
  const latency = ([p50Ms, p99Ms]: [number | null, number | null]) =>
    latencyFixture({ p50Ms, p99Ms });
  const operation = operationFixture({
    serviceTime: latency(servicesMs),
    responseTime: responsesMs === undefined ? null : latency(responsesMs),
  });
  return clientDoubts([operation], {
    ...client,
    eventLoopDelayP50Ms: delaysMs[0],
    eventLoopDelayP99Ms: delaysMs[1],
    dispatchLagP50Ms: lagsMs?.[0] ?? null,
    dispatchLagP99Ms: lagsMs?.[1] ?? null,
  });
}

test("a paced client that is late by a fifth of a percentile, and by at least 5 ms, is the limit", () => {
  const lag = (p99: number, responseP99: number) =>
    kindOf(
      doubtsOf({ servicesMs: [5, 1_000], responsesMs: [5, responseP99], lagsMs: [0.05, p99] }),
    );
  assert.is(lag(60, 125), "limit");
  assert.is(lag(25, 125), "limit");
  assert.is(lag(24, 125), "none");
  assert.is(lag(4.9, 10), "doubt");
  assert.is(lag(1.9, 2), "none");
  const delay = (p99: number) =>
    kindOf(doubtsOf({ servicesMs: [5, 100], responsesMs: [5, 100], delaysMs: [0, p99] }));
  assert.equal([delay(70), delay(20), delay(19)], ["limit", "limit", "none"]);
});

test("the text names the figure, its value and the client's possible part in it", () => {
  const { limits } = doubtsOf({
    servicesMs: [5, 120],
    responsesMs: [5, 125],
    delaysMs: [1, 10],
    lagsMs: [0.1, 60],
  });
  assert.equal(limits, [
    "of the response time's p99 of put 125 ms, up to 60.0 ms may be this client's own lateness " +
      "(dispatch lag p99 60.0 ms)",
  ]);
});

test("in a closed loop, an event loop delay of a fifth of a percentile is a doubt, and of half of it the limit", () => {
  const delay = (p99: number, serviceP99: number) =>
    kindOf(doubtsOf({ servicesMs: [12, serviceP99], delaysMs: [1, p99] }));
  // With 1,000 clients, a turn of the loop takes a few of the 25 milliseconds.
  assert.equal([delay(3, 25), delay(8, 25), delay(13, 25)], ["none", "doubt", "limit"]);
  assert.is(delay(113, 150), "limit");
});

test("each operation is held against the delays of the slice that it was measured in", () => {
  const operation = (name: string, p50Ms: number) =>
    operationFixture({ name, serviceTime: latencyFixture({ p50Ms, p99Ms: 100 }) });
  const operations = [operation("watch-create", 30), operation("watch-put", 0.9)];
  const late = { eventLoopDelayP50Ms: 9.9, eventLoopDelayP99Ms: 9.9 };
  const found = (slices: ClientResult["slices"]) =>
    clientDoubts(operations, { ...client, ...late, slices });
  assert.is(kindOf(found(null)), "limit", "as in older results");
  const slices = [
    { series: ["watch-create"], ...late },
    { series: ["watch-put", "watch-delivery"], eventLoopDelayP50Ms: 0.04, eventLoopDelayP99Ms: 2 },
  ];
  const { limits, doubts } = found(slices);
  assert.equal(limits, []);
  assert.match(doubts.join(), /p50 of watch-create 30\.0 ms, up to 9\.9 ms may be/);
  assert.not.match(doubts.join(), /watch-put/);
});

test("there is no doubt about runs on an idle machine", () => {
  for (const figures of [
    // put and range, 100 connections, 1,000 clients
    { servicesMs: [24, 52], delaysMs: [0.7, 3.5] },
    { servicesMs: [10.5, 21], delaysMs: [0.9, 3.2] },
    // 200, 1,000 and 5,000 a second
    { servicesMs: [0.6, 2.1], responsesMs: [0.7, 2.3], delaysMs: [0.1, 1.2], lagsMs: [0.05, 0.2] },
    { servicesMs: [0.5, 1.9], responsesMs: [0.6, 2.1], delaysMs: [0.1, 1.2], lagsMs: [0.05, 0.2] },
    { servicesMs: [0.7, 3.2], responsesMs: [0.7, 3.4], delaysMs: [0.1, 1.4], lagsMs: [0.02, 0.4] },
  ] as Figures[]) {
    assert.is(kindOf(doubtsOf(figures)), "none", JSON.stringify(figures));
  }
});

test("there is no doubt about an unknown figure", () => {
  const found = doubtsOf({ servicesMs: [null, null], responsesMs: [null, null], lagsMs: [50, 90] });
  assert.is(kindOf(found), "none");
});

test("what is at most so much does not hide a p99 that the client spoils", () => {
  const rare = operationFixture({
    name: "create",
    serviceTime: latencyFixture({ p50Ms: 1, p99Ms: null, maxMs: 1.6, atMost: { p99Ms: 1.6 } }),
  });
  const known = operationFixture({
    name: "put",
    serviceTime: latencyFixture({ p50Ms: 5, p99Ms: 20 }),
  });
  const found = clientDoubts([rare, known], { ...client, eventLoopDelayP99Ms: 14 });
  assert.is(kindOf(found), "limit");
  assert.match(found.limits[0]!, /the service time's p99 of put 20\.0 ms/);
});

test("where few samples carry no p99, a lateness is a doubt about what it is at most", () => {
  const late = (delayMs: number) => {
    const serviceTime = latencyFixture({ p50Ms: 5, p99Ms: null, maxMs: 77, atMost: { p99Ms: 77 } });
    const operation = operationFixture({ serviceTime });
    return clientDoubts([operation], { ...client, eventLoopDelayP99Ms: delayMs });
  };
  assert.equal([late(10), late(20), late(40)].map(kindOf), ["none", "doubt", "doubt"]);
  assert.match(
    late(40).doubts[0]!,
    /^Of the service time's p99 of put, at most 77.0 ms, up to 40.0/,
  );
});

test("the client has no part in a latency of 0, which histograms record as 1 ns", () => {
  const found = doubtsOf({
    servicesMs: [1e-6, 1e-6],
    responsesMs: [1e-6, 1e-6],
    delaysMs: [6, 90],
    lagsMs: [6, 90],
  });
  assert.is(kindOf(found), "none");
  const pause = { count: 1, totalMs: 300, longestMs: 300, percent: 0.1 };
  assert.is(kindOf(paused(pause, 1e-6)), "none");
});

function paused(
  pauses: Partial<NonNullable<ClientResult["pauses"]>>,
  maxMs: number | null,
  atLeast: { maxMs: number } | null = null,
) {
  const operation = operationFixture({ serviceTime: latencyFixture({ maxMs, atLeast }) });
  return clientDoubts([operation], { ...client, pauses: { ...client.pauses!, ...pauses } });
}

test("pauses of more than 1% of the time, or a long one that explains the maximum, are the limit", () => {
  const one = (longestMs: number, percent: number, maxMs: number) =>
    kindOf(paused({ count: 1, totalMs: longestMs, longestMs, percent }, maxMs));
  assert.is(one(2_000, 30, 2_010), "limit");
  assert.is(one(2_000, 0.05, 2_010), "limit");
  assert.is(one(60, 1.1, 9_000), "limit");
  assert.is(one(60, 0.1, 63), "doubt");
  assert.is(one(60, 0.1, 9_000), "none");
  assert.is(kindOf(paused({}, 60)), "none");
});

test("a request that failed hides no pause that the slowest known request shows", () => {
  const pause = { count: 1, totalMs: 2_000, longestMs: 2_000, percent: 0.05 };
  assert.is(kindOf(paused(pause, null, { maxMs: 2_010 })), "limit");
  assert.is(kindOf(paused(pause, null)), "none");
});

test("a pause is reported with its length, its time and its cause", () => {
  const longest = [
    {
      startSeconds: 3.21,
      durationMs: 2_010,
      workers: 1,
      isOfMainThread: true,
      cause: "not-run" as const,
    },
  ];
  const found = { count: 1, totalMs: 2_010, longestMs: 2_010, percent: 33, longest };
  assert.match(
    paused(found, 2_015).limits[0]!,
    /^this client paused once for 2\.01 s at 3\.2 s: it was stopped, throttled, or had no CPU;/,
  );
});

test("the text on pauses names the agent, or of several agents the one with the longest pause", () => {
  const pause = (durationMs: number, agent: string) => ({
    ...{ startSeconds: 1, durationMs, workers: 1, agents: [agent], isOfMainThread: false },
    cause: "busy" as const,
  });
  const found = { count: 2, totalMs: 600, longestMs: 400, percent: 5 };
  const textOf = (...longest: ReturnType<typeof pause>[]) =>
    paused({ ...found, longest }, 500).limits[0]!;
  assert.match(textOf(pause(200, "m1"), pause(400, "m1")), /^agent m1 paused 2 times for 600 ms/);
  assert.match(
    textOf(pause(200, "m1"), pause(400, "m2")),
    /^2 agents \(longest: m2\) paused 2 times for 600 ms in all, 400 ms at 1\.0 s/,
  );
});

test.run();
