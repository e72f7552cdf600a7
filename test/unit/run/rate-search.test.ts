/** Tests the search for the highest rate on simulated servers, with and without noise. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Random, seededRandom } from "../../../src/random.ts";
import {
  type RateSearchOptions,
  type RateStep,
  type StepAnswer,
  searchRate,
} from "../../../src/run/rate-search.ts";
import { cases } from "../../harness/whole-run.ts";

const OPTIONS: RateSearchOptions = {
  startRatePerSec: 1_000,
  precision: 0.05,
  leastRatePerSec: 1,
  mostRatePerSec: 10_000_000,
};

interface Walk {
  steps: RateStep[];
  found: number | null;
}

function walk(
  answer: (step: RateStep) => StepAnswer,
  options: Partial<RateSearchOptions> = {},
): Walk {
  const search = searchRate({ ...OPTIONS, ...options });
  const steps: RateStep[] = [];
  let next = search.next();
  while (!next.done) {
    steps.push(next.value);
    assert.ok(steps.length <= 200, "the search ends");
    next = search.next(answer(next.value));
  }
  return { steps, found: next.value };
}

/** A server that holds the limits up to its capacity. */
const upTo =
  (capacity: number) =>
  ({ ratePerSec }: RateStep): StepAnswer =>
    ratePerSec <= capacity ? "held" : "failed";

/** The p99 of a queue with one server, in ms: it grows without bound near the capacity. */
function queueP99Ms(ratePerSec: number, capacity: number): number {
  const load = ratePerSec / capacity;
  return load >= 1 ? Number.POSITIVE_INFINITY : (Math.log(100) * 1000) / (capacity * (1 - load));
}

const rates = ({ steps }: Walk) => steps.map(({ ratePerSec }) => ratePerSec);

test("the search doubles the rate until it fails, then halves the bracket, and verifies", () => {
  const walked = walk(upTo(5_300), { precision: 0.1 });
  assert.equal(rates(walked), [
    ...[1_000, 2_000, 4_000, 8_000, 8_000],
    ...[6_000, 6_000, 5_000, 5_500, 5_500],
    5_000,
  ]);
  assert.is(walked.found, 5_000);
  assert.equal(
    walked.steps.map(({ isVerification }) => isVerification),
    [...Array(10).fill(false), true],
  );
});

test("one stall at a rate at which the client was too slow once does not make the rate fail", () => {
  const first: StepAnswer[] = ["client-limited", "failed"];
  const walked = walk((step) => first.shift() ?? upTo(1_500)(step), { precision: 0.1 });
  assert.equal(rates(walked).slice(0, 5), [1_000, 1_000, 1_000, 2_000, 2_000]);
  assert.ok(walked.found! > 1_350, String(walked.found));
});

test("a rate that fails three times by different causes has failed", () => {
  const causes: StepAnswer[] = ["client-limited", "failed", "client-limited"];
  const walked = walk((step) => causes.shift() ?? upTo(500)(step), { precision: 0.5 });
  assert.equal(rates(walked).slice(0, 4), [1_000, 1_000, 1_000, 500]);
});

test("if the start rate fails, the search goes down first", () => {
  const walked = walk(upTo(90));
  assert.equal([...new Set(rates(walked))].slice(0, 5), [1_000, 500, 250, 125, 62.5]);
  assert.ok(walked.found! <= 90 && walked.found! > 84, String(walked.found));
});

test("for any capacity, the found rate holds and is within the precision of it", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 9e6, noNaN: true }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (capacity, precision, startRatePerSec) => {
        const { steps, found } = walk(upTo(capacity), { precision, startRatePerSec });
        assert.ok(found !== null && found <= capacity, `${found} of ${capacity}`);
        assert.ok(capacity / found - 1 <= precision + 1e-9, `${found} of ${capacity}`);
        assert.ok(steps.length < 80, `${steps.length} steps`);
        assert.ok(steps.at(-1)!.isVerification);
      },
    ),
    { seed: 1, numRuns: cases(500) },
  );
});

test("the search ends where the latency curve crosses the limit", () => {
  const capacity = 40_000;
  const limitMs = 2;
  const { found } = walk(({ ratePerSec }) =>
    queueP99Ms(ratePerSec, capacity) < limitMs ? "held" : "failed",
  );
  // The crossing: the formula solved for the rate.
  const crossing = capacity - (Math.log(100) * 1000) / limitMs;
  assert.ok(found! <= crossing && found! > crossing / 1.05, `${found} of ${crossing}`);
});

/** Each measurement has a random error, larger for a step than for a verification. */
function noisyCurve(random: Random, capacity: number, limitMs: number) {
  return ({ ratePerSec, isVerification }: RateStep): StepAnswer => {
    const swing = isVerification ? 0.1 : 0.3;
    const p99Ms = queueP99Ms(ratePerSec, capacity) * (1 - swing + 2 * swing * random());
    return p99Ms < limitMs ? "held" : "failed";
  };
}

test("under noise the found rate is near the crossing, and never far above it", () => {
  const capacity = 40_000;
  const limitMs = 2;
  const crossing = capacity - (Math.log(100) * 1000) / limitMs;
  for (let seed = 1; seed <= 200; seed++) {
    const { found } = walk(noisyCurve(seededRandom(seed, 0), capacity, limitMs));
    assert.ok(found !== null, `seed ${seed}`);
    // Noise of 10% on the latency moves this crossing by less than 1% of the rate.
    assert.ok(found < crossing * 1.01, `seed ${seed}: ${found} of ${crossing}`);
    assert.ok(found > crossing * 0.8, `seed ${seed}: ${found} of ${crossing}`);
  }
});

test("steps that fail by chance one time in ten do not end the search early", () => {
  const capacity = 30_000;
  let near = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed, 0);
    const { found } = walk((step) => {
      const stalls = !step.isVerification && random() < 0.1;
      return stalls ? "failed" : upTo(capacity)(step);
    });
    assert.ok(found !== null && found <= capacity);
    if (found > capacity * 0.9) near += 1;
  }
  assert.ok(near >= 85, `${near} of 100`);
});

test("one stall in any step does not keep the search from the highest rate that holds", () => {
  for (let stalled = 0; stalled < 8; stalled++) {
    let steps = 0;
    const { found } = walk((step) => {
      const isStalled = !step.isVerification && steps++ === stalled;
      return isStalled ? "failed" : upTo(16_000)(step);
    });
    assert.ok(found! <= 16_000 && found! > 15_200, `stalled in step ${stalled}: ${found}`);
  }
});

test("one stall in the verification does not lower the rate that is found", () => {
  let verifications = 0;
  const { found, steps } = walk((step) => {
    const isStalled = step.isVerification && verifications++ === 0;
    return isStalled ? "failed" : upTo(16_000)(step);
  });
  assert.is(found, 16_000);
  assert.equal(
    steps.filter(({ isVerification }) => isVerification).map(({ ratePerSec }) => ratePerSec),
    [16_000, 16_000],
  );
});

test("where steps are kinder than verifications, the rate found is within the precision of what holds in full", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.double({ min: 0.6, max: 1, noNaN: true }),
      fc.double({ min: 100, max: 50_000, noNaN: true }),
      (precision, share, startRatePerSec) => {
        const strict = ({ ratePerSec, isVerification }: RateStep): StepAnswer =>
          ratePerSec <= 5_000 * (isVerification ? Math.max(share, 1 - 10 * precision) : 1)
            ? "held"
            : "failed";
        const { found } = walk(strict, { precision, startRatePerSec });
        const capacity = 5_000 * Math.max(share, 1 - 10 * precision);
        assert.ok(found !== null && found <= capacity, `${found} of ${capacity}`);
        // Rates of three digits are up to 1% from those that halve the gap.
        assert.ok(capacity / found < (1 + precision) * 1.015, `${found} of ${capacity}`);
      },
    ),
    { seed: 1, numRuns: cases(500) },
  );
});

test("verifications that all fail end the search after five rates, each measured twice", () => {
  const never = walk((step) => (step.isVerification ? "failed" : upTo(5_000)(step)));
  assert.is(never.found, null);
  const verified = never.steps.filter(({ isVerification }) => isVerification);
  assert.is(verified.length, 10);
  assert.is(new Set(verified.map(({ ratePerSec }) => ratePerSec)).size, 5);
  assert.ok(verified.at(-1)!.ratePerSec < verified[0]!.ratePerSec * 0.6);
});

test("if nothing holds, the search ends at the lowest rate and finds none", () => {
  const { found, steps } = walk(() => "failed");
  assert.is(found, null);
  assert.is(steps.at(-1)!.ratePerSec, 1);
  assert.not.ok(steps.some(({ isVerification }) => isVerification));
});

test("if everything holds, the search ends at the highest rate, verified", () => {
  const { found, steps } = walk(() => "held", { mostRatePerSec: 50_000 });
  assert.is(found, 50_000);
  assert.equal(
    steps.slice(-2).map(({ ratePerSec, isVerification }) => [ratePerSec, isVerification]),
    [
      [50_000, false],
      [50_000, true],
    ],
  );
});

test("the rates of the steps have at most three significant digits", () => {
  const { steps } = walk(upTo(5_317));
  for (const { ratePerSec } of steps) {
    assert.is(ratePerSec, Number(ratePerSec.toPrecision(3)));
  }
});

test.run();
