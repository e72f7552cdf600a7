/** Tests the verdict: whether a run measured etcd, or the limits of the client. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { OperationResult } from "../../../src/result/schema.ts";
import { judge } from "../../../src/run/verdict.ts";
import { operationFixture, planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const CLOSED = { sentShare: null };
const { client } = resultFixture();

function requests(figures: Partial<OperationResult["requests"]>): OperationResult {
  const none = { offered: 0, started: 0, succeeded: 0, failed: 0, dropped: 0, resent: 0 };
  return operationFixture({ requests: { ...none, ...figures } });
}

test("a run without a reason against it is valid", () => {
  assert.equal(judge(planFixture(), [operationFixture()], client, CLOSED), {
    kind: "valid",
    reasons: [],
  });
});

test("a rate that is unmet because of a stall at the end is not blamed on too few clients", () => {
  const figures = { offered: 10_000, started: 8_000, succeeded: 8_000, dropped: 2_000 };
  const fixture = requests(figures);
  const second = { ...fixture.intervals[0]!, durationSeconds: 1 };
  const reasonOf = (...succeeded: number[]) => {
    const intervals = succeeded.map((each) => ({ ...second, succeeded: each }));
    const plan = planFixture({ pacing: { ratePerSec: 1_000 }, load: { timeoutMs: 2_000 } });
    const { kind, reasons } = judge(plan, [{ ...fixture, intervals }], client, { sentShare: 1 });
    assert.is(kind, "rate-unmet");
    return reasons.at(-1)!;
  };
  const stalled = reasonOf(4_000, 4_000, 0, 0);
  assert.match(stalled, /^2,000 of 10,000 put requests .* no answer came in the last 2\.0 s/);
  assert.match(stalled, /--timeout above that time \(now 2s\)/);
  assert.not.match(stalled, /raise --clients/);
  assert.match(reasonOf(4_000, 0, 2_000, 2_000), /waiting for answers; raise --clients or lower/);
  assert.match(reasonOf(2_000, 2_000, 2_000, 2_000), /raise --clients or lower --rate$/);
});

test("a rate that is unmet because of a lost agent is not blamed on too few clients, and a closed loop is not valid", () => {
  const lost = {
    ...{ name: "two", workers: 1, requests: 0, cpuSeconds: 0, busyPercentMax: null },
    ...{ rssMaxBytes: null, startLateMs: null, clockUncertaintyMs: 1, clockAheadMs: 0 },
    ...{ clockDriftPpm: null, lost: "it left", machineNumber: null, machine: null },
    environment: {
      ...{ tool: "etcd-bench 1", node: "v22", kernel: "Linux 6", cpuModel: "CPU" },
      ...{ cpus: 4, cpusAvailable: 4, memoryBytes: null, memoryLimitBytes: null },
    },
  };
  const agents = [{ ...lost, name: "one", requests: 300, lost: null }, lost];
  const figures = { offered: 600, started: 300, succeeded: 300, dropped: 300, unreported: 300 };
  const sent = { offered: 600, started: 600, succeeded: 600 };
  const closed = judge(planFixture({}), [requests(sent)], { ...client, agents }, CLOSED);
  assert.is(closed.kind, "client-limited");
  assert.match(closed.reasons[0]!, /lost agents \(two\) did from then on is in no figure/);
  const plan = planFixture({ pacing: { ratePerSec: 100 } });
  const { reasons } = judge(plan, [requests(figures)], { ...client, agents }, { sentShare: 1 });
  assert.match(
    reasons[0]!,
    /^300 of 600 put requests that were due on lost agents \(two\) .*not known; measure again/,
  );
  assert.not.match(reasons[0]!, /raise --clients/);
  const both = judge(plan, [requests({ ...figures, unreported: 200 })], client, { sentShare: 1 });
  assert.match(both.reasons[0]!, /^200 of 600 put requests that were due on lost agents/);
  assert.match(both.reasons[1]!, /^100 of 600 put requests that were due could not be sent/);
});

test("failures give the verdict errors only above --max-error-rate", () => {
  const failing = requests({ offered: 1_000, started: 1_000, succeeded: 990, failed: 10 });
  const kind = (maxErrorRate: number) =>
    judge(planFixture({ judge: { maxErrorRate } }), [failing], client, CLOSED).kind;
  assert.equal([kind(0), kind(0.009), kind(0.01), kind(1)], ["errors", "errors", "valid", "valid"]);
  const { reasons } = judge(planFixture({ judge: { maxErrorRate: 0 } }), [failing], client, CLOSED);
  assert.is(reasons.length, 1);
  assert.match(reasons[0]!, /^10 of 1000 put requests failed \(1\.0%\), above --max-error-rate=0$/);
});

test("a run without a success has the verdict errors for any --max-error-rate", () => {
  const none = requests({ offered: 5, started: 5, failed: 5 });
  const plan = planFixture({ judge: { maxErrorRate: 1 } });
  assert.equal(judge(plan, [none], client, CLOSED), {
    kind: "errors",
    reasons: ["no put request succeeded"],
  });
});

test("a part that lost all that it had to events alone is excused, and a whole operation is not", () => {
  const time = (count: number) => ({ ...operationFixture().serviceTime, count });
  const side = (failed: number, count = 0) => ({
    ...{ failed, serviceTime: time(count), responseTime: null },
  });
  const event = { atMs: 1_000, forMs: null, verb: "exec", argument: "true" } as const;
  const plan = planFixture({ maintenance: { events: [event as never] } });
  const whole = requests({ offered: 9, started: 9, succeeded: 9 });
  const lost = requests({ offered: 5, started: 5, failed: 5 });
  const part = (during: number, outside: number): OperationResult => ({
    ...{ ...lost, name: "election-observe" },
    moments: { during: side(during), outside: side(outside) },
  });
  const reasonsOf = (...operations: OperationResult[]) =>
    judge(plan, operations, client, CLOSED).reasons;
  assert.equal(reasonsOf(whole, part(5, 0)), []);
  assert.equal(reasonsOf(whole, part(4, 1)), ["no election-observe request succeeded"]);
  assert.equal(reasonsOf(part(5, 0)), ["no election-observe request succeeded"]);
});

test("the verdict errors has the most frequent reason of the server, and how many failed for it", () => {
  const large = { code: "INVALID_ARGUMENT", message: "request is too large", count: 4 };
  const none = { ...requests({ offered: 5, started: 5, failed: 5 }), errors: [large] };
  const [nothing] = judge(planFixture(), [none], client, CLOSED).reasons;
  assert.is(nothing, "no put request succeeded: INVALID_ARGUMENT: request is too large");
  const some = {
    ...requests({ offered: 9, started: 9, succeeded: 4, failed: 5 }),
    errors: [{ code: "UNAVAILABLE", message: "lost", count: 1 }, large],
  };
  const [part] = judge(planFixture(), [some], client, CLOSED).reasons;
  assert.match(
    part!,
    /above --max-error-rate=0: INVALID_ARGUMENT: request is too large \(4 of 5\)$/,
  );
});

test("a worker that is busy for more than 90% of the time makes the run client-limited", () => {
  const kind = (busyPercentMax: number | null) =>
    judge(planFixture(), [operationFixture()], { ...client, busyPercentMax }, CLOSED).kind;
  assert.equal(
    [kind(90), kind(90.1), kind(100), kind(null)],
    ["valid", "client-limited", "client-limited", "valid"],
  );
});

test("requests that were never sent do not lower the share of failed requests", () => {
  const bad = requests({ offered: 10_000, started: 100, succeeded: 98, failed: 2, dropped: 9_900 });
  const plan = planFixture({ judge: { maxErrorRate: 0.01 } });
  const { kind, reasons } = judge(plan, [bad], client, CLOSED);
  assert.is(kind, "errors");
  assert.match(reasons[0]!, /^2 of 100 put requests failed \(2\.0%\)/);
});

const PACED = planFixture({ pacing: { ratePerSec: 1_000 } });

test("a run that sends less than 99% of the offered requests is rate-unmet, with the number", () => {
  const sent = (started: number) =>
    judge(
      PACED,
      [requests({ offered: 1_000, started, succeeded: started, dropped: 1_000 - started })],
      client,
      { sentShare: 1 },
    );
  assert.is(sent(990).kind, "valid");
  assert.is(sent(989).kind, "rate-unmet");
  assert.match(
    sent(989).reasons[0]!,
    /^11 of 1,000 put requests .* raise --clients or lower --rate/,
  );
});

test("a schedule that is sent too slowly is rate-unmet, even if nothing was dropped", () => {
  const kind = (sentShare: number | null) =>
    judge(PACED, [operationFixture()], client, { sentShare }).kind;
  assert.equal(
    [kind(1), kind(0.99), kind(0.98), kind(null)],
    ["valid", "valid", "rate-unmet", "valid"],
  );
  // A closed loop has no rate to meet.
  const { kind: closed } = judge(planFixture(), [operationFixture()], client, { sentShare: 0.1 });
  assert.is(closed, "valid");
});

test("every reason is reported, and the most serious one gives the verdict", () => {
  const bad = requests({ offered: 100, started: 50, succeeded: 25, failed: 25, dropped: 50 });
  const verdict = judge(PACED, [bad], { ...client, busyPercentMax: 99 }, { sentShare: 0.5 });
  assert.is(verdict.kind, "errors");
  assert.is(verdict.reasons.length, 3);
  const limited = judge(
    PACED,
    [requests({ offered: 100, started: 50, succeeded: 50, dropped: 50 })],
    { ...client, busyPercentMax: 99 },
    { sentShare: 0.5 },
  );
  assert.is(limited.kind, "client-limited");
});

test.run();
