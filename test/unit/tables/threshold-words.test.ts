/** Words for thresholds: which clock a latency is of. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { thresholdSentence } from "../../../src/tables/threshold-words.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
  thresholdFixture,
} from "../../fixtures/result-fixture.ts";

const EXPRESSION = "p50<1us";
const plan = planFixture({
  judge: { thresholds: [parseThreshold("--threshold", EXPRESSION)] },
});
const broken = { actual: 0.0317, outcome: "broken" as const };
const PACED = operationFixture({ responseTime: latencyFixture() });
const OPENED = operationFixture({ name: "watch-create", responseTime: null });

test("a latency of an operation without a schedule is no response time, whatever others are", () => {
  const result = resultFixture({ plan, operations: [PACED, OPENED] });
  const said = (clock: "service" | "response" | null) =>
    thresholdSentence(thresholdFixture(EXPRESSION, { ...broken, clock }), result);
  assert.match(said("service"), /FAILED \(31\.7 µs service time\)$/);
  assert.match(said("response"), /FAILED \(31\.7 µs response time\)$/);
  assert.match(said(null), /FAILED \(31\.7 µs response or service time\)$/);
});

test("a closed loop has one clock, which is not said, and an earlier result of one clock has that", () => {
  const ofOlder = thresholdFixture(EXPRESSION, broken);
  const closed = resultFixture({ plan, operations: [OPENED] });
  assert.match(thresholdSentence(ofOlder, closed), /\(31\.7 µs\)$/);
  const paced = resultFixture({ plan, operations: [PACED] });
  assert.match(thresholdSentence(ofOlder, paced), /\(31\.7 µs response time\)$/);
});

test.run();
