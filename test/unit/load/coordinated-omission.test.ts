/**
 * Compares the printed percentiles of paced runs with the truth. Drivers on a virtual clock call a
 * simulated server that stalls at random, also at the end of a run, and that fails some requests.
 */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Driver } from "../../../src/load/driver.ts";
import {
  type Arrivals,
  ConstantArrivals,
  PoissonArrivals,
} from "../../../src/load/pacing/arrivals.ts";
import type { PhaseOutcome } from "../../../src/load/phase.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { type Random, seededRandom } from "../../../src/random.ts";
import type { OperationResult } from "../../../src/result/schema.ts";
import { IntervalBudget } from "../../../src/run/interval-budget.ts";
import { SeriesCollector } from "../../../src/run/series-collector.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { SingleCalls } from "../../../src/workloads/parts/calls/single-calls.ts";
import { VirtualTime } from "../../harness/virtual-time.ts";
import { cases } from "../../harness/whole-run.ts";
import { FakeTransport } from "./fake-transport.ts";

test.before(initHistograms);

const LEAD_NS = 20e6;
/** The relative distance of two neighbouring values of a histogram with three digits. */
const PRECISION = 0.0021;

interface Scenario {
  seed: number;
  workers: number;
  clients: number;
  ratePerSec: number;
  arrival: "constant" | "poisson";
  wait: "nap" | "timer";
  durationMs: number;
  timeoutMs: number;
  /** Each begins at a fraction of the duration; it may last past the end of the run. */
  stalls: { at: number; lengthMs: number }[];
  failedShare: number;
}

/** Histograms keep their memory, so all runs share the recorders. */
const recorders: Recorder[] = [];

/** A schedule that records the due times. */
class NotedArrivals implements Arrivals {
  readonly dues: number[] = [];
  readonly #arrivals: Arrivals;

  constructor(arrivals: Arrivals) {
    this.#arrivals = arrivals;
  }

  get dueNs(): number {
    return this.#arrivals.dueNs;
  }

  advance(): void {
    this.dues.push(this.#arrivals.dueNs);
    this.#arrivals.advance();
  }

  dueBefore(timeNs: number, passed: number): number {
    return this.#arrivals.dueBefore(timeNs, passed);
  }
}

/** When the server answers a request sent at `sentNs`: quickly, except during its stalls. */
function answersNs(sentNs: number, startNs: number, scenario: Scenario, random: Random): number {
  let endNs = sentNs + 50_000 + random() * 2e6;
  for (const { at, lengthMs } of [...scenario.stalls].sort((a, b) => a.at - b.at)) {
    const fromNs = startNs + at * scenario.durationMs * 1e6;
    const untilNs = fromNs + lengthMs * 1e6;
    if (endNs >= fromNs && sentNs < untilNs) endNs = Math.max(endNs, untilNs + random() * 1e6);
  }
  return endNs;
}

interface Run {
  result: OperationResult;
  /** How long each due request would have waited, sorted; includes failed and unsent requests. */
  truthsNs: number[];
}

async function runScenario(time: VirtualTime, scenario: Scenario): Promise<Run> {
  const { clients, workers, ratePerSec, durationMs, timeoutMs, seed, wait } = scenario;
  const startNs = time.nowNs + LEAD_NS;
  const random = seededRandom(seed, 1);
  const shares = splitLoad({ connections: workers, clients, workers }, ["a:1"]);
  const truthsNs: number[] = [];
  const outcomes: PhaseOutcome[] = [];
  const threads = shares.map((share, worker) => {
    recorders[worker] ??= new Recorder();
    recorders[worker].takeSnapshot();
    const own = share.clientConnections.length;
    const driver = new Driver({ clients: own, slots: own, timeoutMs, wait });
    const transport = new FakeTransport(driver);
    driver.attach(transport);
    const arrivals = new NotedArrivals(
      scenario.arrival === "constant"
        ? new ConstantArrivals(startNs, ratePerSec, share)
        : new PoissonArrivals(startNs, ratePerSec, share, seededRandom(seed, 10 + worker)),
    );
    // For each call, when it is answered and whether it succeeds.
    const answers: { atNs: number; isSuccess: boolean }[] = [];
    transport.onCall = ({ slot, madeNs }) => {
      const call = transport.calls.at(-1)!;
      const answer = {
        atNs: answersNs(madeNs, startNs, scenario, random),
        isSuccess: random() >= scenario.failedShare,
      };
      answers.push(answer);
      setTimeout(
        () => {
          // The call has timed out, and the slot may have another call.
          if (transport.pending.get(slot) !== call) return;
          answer.atNs = time.nowNs;
          transport.end(slot, answer.isSuccess ? Status.OK : Status.UNAVAILABLE, "gone");
        },
        (answer.atNs - madeNs) / 1e6,
      );
    };
    const template = { path: "/a.B/C", bytes: Buffer.alloc(1), messageOffset: 0 };
    const source = { next: () => 0, request: () => template, restart: () => {} };
    const workload = new SingleCalls(source, own, driver, transport);
    void driver
      .run({
        workload,
        recorders: [recorders[worker]],
        arrivals,
        requests: Number.POSITIVE_INFINITY,
        startNs,
        endNs: startNs + durationMs * 1e6,
      })
      .then((outcome) => {
        outcomes.push(outcome);
        for (const [request, dueNs] of arrivals.dues.entries()) {
          const answer = answers[request];
          const waitedNs = Math.max(0, (answer?.atNs ?? time.nowNs) - dueNs);
          // A failed or unsent request would have waited longer, by an unknown time.
          const isKnown = answer?.isSuccess ?? false;
          truthsNs.push(isKnown ? waitedNs : waitedNs * (1 + 100 * random()) + 1);
        }
      });
    return { share, transport };
  });
  const limitMs = 60_000;
  assert.ok(await time.until(() => outcomes.length === workers, limitMs), "the run has ended");
  for (const { transport } of threads) assert.is(transport.fault, null);

  const collector = new SeriesCollector({
    name: "put",
    isWhole: true,
    isPaced: true,
    periodNs: 0,
    workers,
    budget: new IntervalBudget(),
  });
  for (const recorder of recorders.slice(0, workers)) {
    const recorded = recorder.takeSnapshot();
    collector.add(
      {
        type: "snapshot",
        phaseId: 0,
        interval: 0,
        fromNs: startNs,
        toNs: time.nowNs,
        readyConnections: 1,
        progress: { answered: 0, unanswered: 0, lastFailure: "" },
        sending: { due: 0, started: 0, busyFraction: 0 },
      },
      recorded,
      startNs,
    );
  }
  collector.endSlice(
    startNs,
    outcomes.map((outcome, workerIndex) => ({
      type: "phase-done",
      phaseId: 0,
      workerIndex,
      busyFraction: 0,
      eventLoopDelayP50Ms: 0,
      eventLoopDelayP99Ms: 0,
      cpuWaitFraction: null,
      unmeasured: null,
      carried: null,
      ...outcome,
    })),
    startNs,
  );
  const result = collector.result(clients);
  collector.destroy();
  return { result, truthsNs: truthsNs.sort((a, b) => a - b) };
}

const FIGURES = [
  ["p50Ms", 50],
  ["p90Ms", 90],
  ["p95Ms", 95],
  ["p99Ms", 99],
  ["p999Ms", 99.9],
  ["maxMs", 100],
] as const;

function checkAgainstTruth({ result, truthsNs }: Run): void {
  const { responseTime: latency, requests } = result;
  assert.is(requests.offered, truthsNs.length, "every request that was due is counted");
  assert.is(requests.offered, requests.succeeded + requests.failed + requests.dropped);
  if (truthsNs.length === 0) return;
  assert.is(latency!.count + (latency!.missing?.count ?? 0), truthsNs.length);
  for (const [field, percentile] of FIGURES) {
    const rank = Math.max(1, Math.ceil((percentile * truthsNs.length) / 100 - 1e-9));
    const truthMs = truthsNs[rank - 1]! / 1e6;
    const figureMs = latency![field];
    const leastMs = latency!.atLeast?.[field] ?? null;
    const mostMs = latency!.atMost?.[field] ?? null;
    const label = `${field} ${figureMs}, at least ${leastMs}, at most ${mostMs}: ${truthMs}`;
    if (figureMs !== null) assert.ok(Math.abs(figureMs / truthMs - 1) <= PRECISION, label);
    if (leastMs !== null) assert.ok(leastMs <= truthMs * (1 + PRECISION), label);
    if (mostMs !== null) assert.ok(mostMs >= truthMs * (1 - PRECISION), label);
    if (figureMs === null) assert.ok(leastMs !== null || mostMs !== null, `${label}, unbounded`);
  }
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  workers: fc.integer({ min: 1, max: 3 }),
  clients: fc.integer({ min: 3, max: 40 }),
  ratePerSec: fc.integer({ min: 20, max: 3_000 }),
  arrival: fc.constantFrom("constant", "poisson"),
  wait: fc.constantFrom("nap", "timer"),
  durationMs: fc.integer({ min: 100, max: 1_000 }),
  timeoutMs: fc.integer({ min: 100, max: 1_500 }),
  stalls: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1.1, noNaN: true }),
      lengthMs: fc.integer({ min: 1, max: 2_000 }),
    }),
    { maxLength: 3 },
  ),
  failedShare: fc.constantFrom(0, 0, 0.002, 0.05),
});

test("each percentile of a paced run is the truth within the precision, or has a correct bound", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      checkAgainstTruth(await VirtualTime.during((time) => runScenario(time, scenario)));
    }),
    { numRuns: cases(15, 60), seed: 10 },
  );
});

test("a stall at the end of a run is in its percentiles", async () => {
  const scenario: Scenario = {
    seed: 1,
    workers: 1,
    clients: 5,
    ratePerSec: 1_000,
    arrival: "constant",
    wait: "nap",
    durationMs: 1_000,
    timeoutMs: 5_000,
    stalls: [{ at: 0.9, lengthMs: 1_000 }],
    failedShare: 0,
  };
  const run = await VirtualTime.during((time) => runScenario(time, scenario));
  checkAgainstTruth(run);
  const { requests, responseTime } = run.result;
  assert.equal([requests.succeeded, requests.dropped], [1_000, 0]);
  // 100 of the 1,000 requests were due during the stall, and most waited for at least 0.9 s.
  assert.ok(responseTime!.p99Ms! > 900, `${responseTime!.p99Ms}`);
});

test("with unsent requests a percentile becomes a bound that includes their waiting time", async () => {
  const scenario: Scenario = {
    seed: 1,
    workers: 2,
    clients: 4,
    ratePerSec: 1_000,
    arrival: "constant",
    wait: "timer",
    durationMs: 2_000,
    timeoutMs: 500,
    stalls: [{ at: 0.9, lengthMs: 60_000 }],
    failedShare: 0,
  };
  const run = await VirtualTime.during((time) => runScenario(time, scenario));
  checkAgainstTruth(run);
  const { requests, responseTime } = run.result;
  assert.ok(requests.dropped > 100, `${requests.dropped}`);
  assert.is(responseTime!.p99Ms, null);
  assert.ok(responseTime!.atLeast!.p99Ms! > 500, `${responseTime!.atLeast!.p99Ms}`);
});

test.run();
