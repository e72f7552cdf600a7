/** Tests the length of intervals, so that the file of a ten-minute run stays below 1 MB. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { jsonText } from "../../../src/result/json-text.ts";
import type { Interval, OperationResult, RunResult } from "../../../src/result/schema.ts";
import { IntervalBudget } from "../../../src/run/interval-budget.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { operationFixture, resultFixture, serverFixture } from "../../fixtures/result-fixture.ts";

test.before(initHistograms);

const RUN_SECONDS = 600;

interface Worst {
  series: number;
  samples: number;
  members: number;
}

/** Has every figure, with as many digits as possible; latencies over five orders of magnitude. */
function fitted({ series, samples, members }: Worst): { result: RunResult; room: IntervalBudget } {
  const room = new IntervalBudget();
  for (let at = 0; at < series * RUN_SECONDS; at++) room.took();
  const intervals = () => {
    return Array.from({ length: Math.ceil(RUN_SECONDS / room.seconds) }, (_, at): Interval => {
      const ms = 0.12346;
      return {
        startSeconds: at * room.seconds + 0.123456,
        durationSeconds: room.seconds - 0.000123,
        succeeded: 123_456 * room.seconds,
        failed: 1_234,
        minMs: ms,
        meanMs: ms,
        p50Ms: ms,
        p99Ms: ms,
        maxMs: ms,
        responseMinMs: ms,
        responseMeanMs: ms,
        responseP50Ms: ms,
        responseP99Ms: ms,
        responseMaxMs: ms,
        atLeast: null,
        receivedKeys: 123_456_789,
        receivedBytes: 123_456_789_012,
      };
    });
  };
  const latency = { ...operationFixture().serviceTime, histogram: messy(samples) };
  const operations = Array.from({ length: series }, (_, at): OperationResult => {
    const times = { serviceTime: latency, responseTime: latency };
    return operationFixture({
      name: `a-long-name-of-series-${at}`,
      intervals: intervals(),
      ...times,
    });
  });
  const column = (value: number) => Array.from({ length: RUN_SECONDS + 2 }, () => value);
  const sampled = {
    atSeconds: column(599.987),
    rssBytes: column(1_234_567_890),
    cpuPercent: column(123.456),
    walFsyncP99Ms: column(123.456),
    backendCommitP99Ms: column(123.456),
  };
  const server = Array.from({ length: members }, (_, at) => {
    return serverFixture({ member: `m${at}`, samples: sampled });
  });
  const result = resultFixture({ operations, server });
  room.fit(
    result,
    operations.map(() => intervals),
  );
  return { result, room };
}

function messy(samples: number): string {
  const random = seededRandom(1, 1);
  const histogram = new LatencyHistogram();
  for (let at = 0; at < samples; at++) histogram.recordNs(10 ** (4 + 5 * random()));
  const text = histogram.toBase64();
  histogram.destroy();
  return text;
}

for (const [what, worst] of [
  ["put over one member", { series: 1, samples: 200_000, members: 1 }],
  ["a mix of ten operations over five members", { series: 11, samples: 200_000, members: 5 }],
  ["kubernetes over five members", { series: 20, samples: 40_000, members: 5 }],
  ["staleness over seven members", { series: 15, samples: 100_000, members: 7 }],
] as const) {
  test(`ten minutes of ${what} stay below 1 MB, with at least ten intervals of each series`, () => {
    const { result } = fitted(worst);
    const octets = Buffer.byteLength(jsonText(result));
    assert.ok(octets < 1_000_000, `${octets}`);
    for (const { intervals } of result.operations) {
      assert.ok(intervals.length >= 10, `${intervals.length}`);
    }
  });
}

test("a run that fits with an interval each second has one each second", () => {
  const { room } = fitted({ series: 3, samples: 10_000, members: 3 });
  assert.is(room.seconds, 1);
});

test("if a file is large for other reasons, the intervals grow no further", () => {
  const room = new IntervalBudget();
  room.took();
  room.took();
  const result = resultFixture({ notes: ["x".repeat(1_000_000)] });
  room.fit(result, [() => []]);
  assert.is(room.seconds, 2);
});

test.run();
