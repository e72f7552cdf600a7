/** When requests are due: exact constant rates, random Poisson rates, complete over all workers. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  type Arrivals,
  ConstantArrivals,
  PoissonArrivals,
} from "../../../../src/load/pacing/arrivals.ts";
import { splitLoad, type WorkerShare } from "../../../../src/plan/shares.ts";
import { seededRandom } from "../../../../src/random.ts";

const START_NS = 5e9;

function take(arrivals: Arrivals, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { dueNs } = arrivals;
    arrivals.advance();
    return dueNs;
  });
}

function takeUntil(arrivals: Arrivals, endNs: number): number[] {
  const due: number[] = [];
  for (; arrivals.dueNs < endNs; arrivals.advance()) due.push(arrivals.dueNs);
  return due;
}

function shares(connections: number, clients: number, workers: number): WorkerShare[] {
  return splitLoad({ connections, clients, workers }, ["a:1"]);
}

test("request n of a constant rate is due at exactly start + n / rate", () => {
  const arrivals = new ConstantArrivals(START_NS, 3, shares(1, 1, 1)[0]!);
  const due = take(arrivals, 1_000_000);
  for (const n of [0, 1, 2, 3, 999, 999_999]) assert.is(due[n], START_NS + n * (1e9 / 3));
});

test("the constant schedules of all workers together have each due time exactly once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 100_000 }),
      (connections, clients, workers, rate) => {
        const endNs = START_NS + (200 / rate) * 1e9 - 1;
        const due = shares(connections, clients, workers).flatMap((share) =>
          takeUntil(new ConstantArrivals(START_NS, rate, share), endNs),
        );
        due.sort((a, b) => a - b);
        assert.is(due.length, 200);
        due.forEach((dueNs, n) => {
          assert.is(dueNs, START_NS + n * (1e9 / rate));
        });
      },
    ),
  );
});

test("the number of requests due at a constant rate is calculated without iterating", () => {
  for (const share of shares(5, 11, 3)) {
    const arrivals = new ConstantArrivals(START_NS, 700, share);
    for (const afterMs of [-1, 0, 0.5, 10, 99.9, 3_000]) {
      const timeNs = START_NS + afterMs * 1e6;
      const walked = takeUntil(new ConstantArrivals(START_NS, 700, share), timeNs).length;
      assert.is(arrivals.dueBefore(timeNs), walked, `${afterMs} ms`);
    }
  }
});

test("the number of due random arrivals is estimated, and the estimate is rarely too high", () => {
  const share = shares(1, 1, 1)[0]!;
  let tooHigh = 0;
  for (let seed = 0; seed < 300; seed++) {
    const arrivals = poisson(share, 1_000, seed);
    const sent = takeUntil(arrivals, START_NS + 200e6).length;
    assert.is(arrivals.dueBefore(START_NS + 200e6, sent), sent);
    const estimated = arrivals.dueBefore(START_NS + 1e9, sent);
    const due = sent + takeUntil(arrivals, START_NS + 1e9).length;
    if (estimated > due) tooHigh += 1;
    assert.ok(estimated > due * 0.7, `${estimated} of ${due}`);
  }
  assert.ok(tooHigh <= 3, `${tooHigh} of 300`);
});

function poisson(share: WorkerShare, rate: number, seed: number): PoissonArrivals {
  return new PoissonArrivals(START_NS, rate, share, seededRandom(seed, share.workerIndex));
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function gapsOf(due: readonly number[]): number[] {
  return due.slice(1).map((dueNs, index) => dueNs - due[index]!);
}

test("the mean of Poisson gaps follows from the rate, and their standard deviation equals the mean", () => {
  const gaps = gapsOf(take(poisson(shares(1, 1, 1)[0]!, 1_000, 11), 100_001));
  const mean = meanOf(gaps);
  const spread = Math.sqrt(meanOf(gaps.map((gap) => (gap - mean) ** 2)));
  // For 100,000 gaps, 1% is three standard errors of the mean; the seed is fixed anyway.
  assert.ok(Math.abs(mean / 1e6 - 1) < 0.01, `mean ${mean}`);
  assert.ok(Math.abs(spread / 1e6 - 1) < 0.02, `spread ${spread}`);
  // For an exponential distribution, a fraction of e^-2 of the gaps exceeds two means.
  const long = gaps.filter((gap) => gap > 2e6).length / gaps.length;
  assert.ok(Math.abs(long - Math.exp(-2)) < 0.005, `${long} are long`);
});

test("Poisson arrivals are increasing, finite and not before the start", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 1_000_000 }), (seed, rate) => {
      const due = take(poisson(shares(1, 1, 1)[0]!, rate, seed), 200);
      assert.ok(due[0]! >= START_NS);
      for (const gap of gapsOf(due)) assert.ok(Number.isFinite(gap) && gap >= 0);
    }),
  );
});

test("the largest draw gives a finite gap", () => {
  const arrivals = new PoissonArrivals(START_NS, 1, shares(1, 1, 1)[0]!, () => 1 - 2 ** -32);
  assert.ok(Number.isFinite(arrivals.dueNs));
  assert.is(new PoissonArrivals(START_NS, 1, shares(1, 1, 1)[0]!, () => 0).dueNs, START_NS);
});

test("a seed repeats the same arrivals, and another seed gives others", () => {
  const share = shares(1, 1, 1)[0]!;
  assert.equal(take(poisson(share, 500, 1), 100), take(poisson(share, 500, 1), 100));
  assert.not.equal(take(poisson(share, 500, 1), 100), take(poisson(share, 500, 2), 100));
});

test("each worker gets its clients' share of a Poisson rate, and all together are one Poisson process", () => {
  const endNs = START_NS + 100e9;
  const all: number[] = [];
  // 7 clients on 3 workers: shares of 3/7, 2/7 and 2/7.
  for (const share of shares(7, 7, 3)) {
    const due = takeUntil(poisson(share, 1_000, 21), endNs);
    const expected = 100_000 * (share.clientNumbers.length / 7);
    assert.ok(Math.abs(due.length - expected) < 4 * Math.sqrt(expected), `${due.length}`);
    all.push(...due);
  }
  all.sort((a, b) => a - b);
  const gaps = gapsOf(all);
  const mean = meanOf(gaps);
  const spread = Math.sqrt(meanOf(gaps.map((gap) => (gap - mean) ** 2)));
  assert.ok(Math.abs(mean / 1e6 - 1) < 0.015, `mean ${mean}`);
  assert.ok(Math.abs(spread / mean - 1) < 0.02, `spread ${spread}`);
});

test.run();
