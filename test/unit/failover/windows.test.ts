import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { serviceFigures } from "../../../src/failover/service.ts";
import { lengthMs, unavailabilityWindows } from "../../../src/failover/windows.ts";
import { type Outage, rows, simulated } from "./simulated-server.ts";

const SLOW_MS = 100;

const load = fc.record({
  spacingMs: fc.integer({ min: 1, max: 20 }),
  latencyMs: fc.double({ min: 0.1, max: 20, noNaN: true }),
  timeoutMs: fc.integer({ min: 300, max: 20_000 }),
});
const mode = fc.constantFrom<Outage["mode"]>("fails", "waits", "never-sent");

test("a window has the length of the outage, within the time between two requests", () => {
  fc.assert(
    fc.property(
      load,
      mode,
      fc.integer({ min: 500, max: 3_000 }),
      fc.integer({ min: 150, max: 4_000 }),
      ({ spacingMs, latencyMs, timeoutMs }, how, fromMs, longMs) => {
        const toMs = fromMs + longMs;
        const requests = Math.ceil((toMs + 2_000) / spacingMs);
        const outages = [{ fromMs, toMs, mode: how }];
        const seen = simulated({ spacingMs, requests, latencyMs, timeoutMs, outages });
        const found = unavailabilityWindows(seen, SLOW_MS);
        assert.is(found.length, 1);
        assert.ok(!found[0]!.isOpen);
        assert.ok(Math.abs(lengthMs(found[0]!) - longMs) <= spacingMs + latencyMs);
        assert.ok(found[0]!.startMs >= fromMs && found[0]!.startMs <= fromMs + spacingMs);
      },
    ),
  );
});

test("each separate outage is one window, and nothing else is", () => {
  fc.assert(
    fc.property(load, fc.array(mode, { minLength: 0, maxLength: 5 }), (shape, modes) => {
      const outages = modes.map((how, at) => {
        return { fromMs: 1_000 * (at + 1), toMs: 1_000 * (at + 1) + 400, mode: how };
      });
      const requests = Math.ceil(8_000 / shape.spacingMs);
      const seen = simulated({ ...shape, requests, outages });
      const found = unavailabilityWindows(seen, SLOW_MS);
      assert.is(found.length, modes.length);
      const bad = found.reduce((sum, window) => sum + window.requests, 0);
      const figures = serviceFigures(seen, SLOW_MS, null);
      assert.is(figures.due - figures.good, bad);
      assert.is(figures.due, figures.good + figures.slow + figures.failed + figures.neverSent);
    }),
  );
});

test("the window of an outage that lasts to the end is open, and includes the known time", () => {
  const outages = [{ fromMs: 500, toMs: 10_000, mode: "fails" } as const];
  const seen = simulated({ spacingMs: 10, requests: 200, latencyMs: 1, timeoutMs: 300, outages });
  const [window] = unavailabilityWindows(seen, SLOW_MS);
  assert.equal({ ...window, endMs: 0 }, { startMs: 500, endMs: 0, requests: 150, isOpen: true });
  assert.ok(window!.endMs >= 1_990);
});

test("the late success of an earlier request does not end the window of the next ones", () => {
  // The request due at 0 is slow; its answer comes before the one due at 10 fails.
  const seen = rows(
    { dueMs: 0, endMs: 150 },
    { dueMs: 10, endMs: 160, status: 14 },
    { dueMs: 200, endMs: 201 },
  );
  const found = unavailabilityWindows(seen, SLOW_MS);
  assert.equal(found, [{ startMs: 0, endMs: 201, requests: 2, isOpen: false }]);
});

test("overlapping windows are one, since there was no good response between them", () => {
  const seen = rows(
    { dueMs: 0, endMs: 900 },
    { dueMs: 500, endMs: 590 },
    { dueMs: 510, endMs: 900 },
    { dueMs: 580, endMs: 700, status: 14 },
    { dueMs: 900, endMs: 901 },
  );
  const found = unavailabilityWindows(seen, SLOW_MS);
  assert.equal(found, [{ startMs: 0, endMs: 901, requests: 3, isOpen: false }]);
});

test("without requests there is no window, and the availability is unknown", () => {
  assert.equal(unavailabilityWindows(rows(), SLOW_MS), []);
  assert.is(serviceFigures(rows(), SLOW_MS, 0).availabilityPercent, null);
});

test("first error, first success and full rate are measured from the fault", () => {
  const outages = [{ fromMs: 2_000, toMs: 3_000, mode: "fails" } as const];
  const shape = { spacingMs: 10, latencyMs: 1, timeoutMs: 300 };
  const seen = simulated({ ...shape, requests: 1_000, outages });
  const figures = serviceFigures(seen, SLOW_MS, 1_995);
  assert.is(figures.firstErrorMs, 5);
  assert.is(figures.firstSuccessMs, 1_006);
  assert.is(figures.fullRateMs, 1_006);
  assert.is(figures.requestsLost, 100);
  assert.is(figures.unavailableMs, 1_001);
});

test("full speed is back only when the latency is too", () => {
  const shape = { spacingMs: 10, latencyMs: 1, timeoutMs: 300 };
  const outages = [{ fromMs: 2_000, toMs: 3_000, mode: "fails" } as const];
  const seen = simulated({ ...shape, requests: 1_500, outages });
  for (let row = 300; row < 500; row++) seen.endMs[row]! += 50;
  const { fullRateMs, fullSpeedMs } = serviceFigures(seen, SLOW_MS, 2_000);
  assert.is(fullRateMs, 1_051);
  assert.ok(fullSpeedMs! >= 2_900 && fullSpeedMs! <= 3_101, String(fullSpeedMs));
});

test("if a run ends before the rate has held for 5 s, the time of the full rate is unknown", () => {
  const outages = [{ fromMs: 2_000, toMs: 3_000, mode: "waits" } as const];
  const shape = { spacingMs: 10, latencyMs: 1, timeoutMs: 5_000 };
  const seen = simulated({ ...shape, requests: 500, outages });
  assert.is(serviceFigures(seen, SLOW_MS, 2_000).fullRateMs, null);
});

test("a run without a fault has windows, but no figures measured from a fault", () => {
  const seen = simulated({ spacingMs: 10, requests: 100, latencyMs: 1, timeoutMs: 9, outages: [] });
  const figures = serviceFigures(seen, SLOW_MS, null);
  assert.equal(
    [figures.requestsLost, figures.firstErrorMs, figures.fullRateMs, figures.availabilityPercent],
    [null, null, null, 100],
  );
});

test.run();
