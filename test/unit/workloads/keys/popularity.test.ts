/** How keys are drawn: the exact distribution of each popularity, over spaces of all sizes. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../../src/random.ts";
import {
  indexDraw,
  Scatter,
  ZIPF_EXPONENT,
  ZipfRanks,
} from "../../../../src/workloads/parts/keys/popularity.ts";
import { cases } from "../../../harness/whole-run.ts";

const DRAWS = 100_000;

/** How often each rank was drawn. Seeds are fixed, so a bound always or never holds. */
function counts(draw: () => number): Map<number, number> {
  const counted = new Map<number, number>();
  for (let at = 0; at < DRAWS; at++) {
    const index = draw();
    counted.set(index, (counted.get(index) ?? 0) + 1);
  }
  return counted;
}

function exactShares(items: number): number[] {
  const weights = Array.from({ length: items }, (_, rank) => (rank + 1) ** -ZIPF_EXPONENT);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The sum of k^-s for k from 1 to `items`, with Euler-Maclaurin above the first thousand. */
function zeta(items: number): number {
  const first = Math.min(items, 1_000);
  let sum = 0;
  for (let k = 1; k <= first; k++) sum += k ** -ZIPF_EXPONENT;
  if (items === first) return sum;
  const power = 1 - ZIPF_EXPONENT;
  const integral = (items ** power - first ** power) / power;
  return sum + integral + (items ** -ZIPF_EXPONENT - first ** -ZIPF_EXPONENT) / 2;
}

/** Five standard deviations of a count whose draws each have this probability. */
function bound(share: number): number {
  return 5 * Math.sqrt(DRAWS * share * (1 - share));
}

test("ranks are drawn in proportion to rank^-0.99, in spaces of any size", () => {
  for (const items of [1, 2, 3, 10, 1_000]) {
    const random = seededRandom(7, items);
    const ranks = new ZipfRanks(items);
    const counted = counts(() => ranks.draw(random));
    const shares = exactShares(items);
    for (const [rank, share] of shares.entries()) {
      const count = counted.get(rank) ?? 0;
      // A small count has a Poisson distribution, whose tail is longer.
      const allowed = bound(share) + 5;
      assert.ok(
        Math.abs(count - DRAWS * share) <= allowed,
        `${items}: rank ${rank} came ${count} times, not ${DRAWS * share}`,
      );
      counted.delete(rank);
    }
    assert.is(counted.size, 0, "no other rank came");
  }
});

test("in a space of a billion keys the distribution is correct from the first rank to the last", () => {
  for (const items of [100_000, 1e9, 2 ** 45]) {
    const random = seededRandom(8, 1);
    const ranks = new ZipfRanks(items);
    const drawn = Array.from({ length: DRAWS }, () => ranks.draw(random));
    assert.ok(drawn.every((rank) => Number.isInteger(rank) && rank >= 0 && rank < items));
    const all = zeta(items);
    for (let below = 1; below < items; below *= 10) {
      const share = zeta(below) / all;
      const count = drawn.filter((rank) => rank < below).length;
      assert.ok(
        Math.abs(count - DRAWS * share) <= bound(share),
        `${items}: ${count} below ${below}, not ${DRAWS * share}`,
      );
    }
    // The lowest bit of large ranks is random too.
    const odd = drawn.filter((rank) => rank > items / 2 && rank % 2 === 1).length;
    const high = drawn.filter((rank) => rank > items / 2).length;
    assert.ok(Math.abs(odd - high / 2) <= 5 * Math.sqrt(high / 4), `${odd} of ${high} are odd`);
  }
});

test("a space that has grown is drawn from like one that was created with the same size", () => {
  const grown = new ZipfRanks(1);
  for (const items of [5, 100, 70_000, 3]) {
    grown.resize(items);
    const [a, b] = [seededRandom(3, 3), seededRandom(3, 3)];
    const made = new ZipfRanks(items);
    for (let at = 0; at < 1_000; at++) assert.is(grown.draw(a), made.draw(b));
  }
});

test("scattering maps each rank to a different index", () => {
  const sizes = fc.integer({ min: 1, max: 5_000 });
  fc.assert(
    fc.property(sizes, (size) => {
      const scatter = new Scatter(size);
      const seen = new Uint8Array(size);
      for (let rank = 0; rank < size; rank++) {
        const index = scatter.indexOf(rank);
        assert.ok(Number.isInteger(index) && index >= 0 && index < size, `${rank} to ${index}`);
        seen[index] = 1;
      }
      assert.is(seen.indexOf(0), -1, `an index of ${size} was left out`);
    }),
    { numRuns: cases(50), seed: 1 },
  );
  const large = new Scatter(2 ** 50 + 3);
  const indices = new Set(Array.from({ length: 10_000 }, (_, rank) => large.indexOf(rank)));
  assert.is(indices.size, 10_000);
  for (const index of indices) assert.ok(index >= 0 && index < 2 ** 50 + 3);
});

test("hot keys are spread over the whole space", () => {
  for (const size of [1_000, 100_000, 1e9]) {
    const scatter = new Scatter(size);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let rank = 0; rank < 1_000; rank++) {
      tenths[Math.floor((scatter.indexOf(rank) / size) * 10)]! += 1;
    }
    for (const count of tenths) assert.ok(count > 50 && count < 150, `${size}: ${tenths}`);
  }
});

test("zipfian draws the same hot keys for every seed, each as often as its rank requires", () => {
  const items = 500;
  const shares = exactShares(items);
  const scatter = new Scatter(items);
  for (const seed of [1, 2]) {
    const draw = indexDraw(items, "zipfian");
    const random = seededRandom(seed, 0);
    const counted = counts(() => draw(random));
    for (const rank of [0, 1, 2, 10, 100]) {
      const count = counted.get(scatter.indexOf(rank)) ?? 0;
      const share = shares[rank]!;
      assert.ok(Math.abs(count - DRAWS * share) <= bound(share), `rank ${rank}: ${count}`);
    }
  }
});

test("latest prefers the newest inserted key, then older ones, then the highest index", () => {
  const items = 100;
  const inserted = { count: 0, indexOf: (at: number) => 1_000 + 7 * at };
  const draw = indexDraw(items, "latest", inserted);
  for (const count of [0, 1, 50]) {
    inserted.count = count;
    const random = seededRandom(4, count);
    const counted = counts(() => draw(random));
    const oldestFirst = [
      ...Array.from({ length: items }, (_, index) => index),
      ...Array.from({ length: count }, (_, at) => 1_000 + 7 * at),
    ];
    for (const [age, share] of exactShares(items + count).entries()) {
      const index = oldestFirst.at(-1 - age)!;
      const came = counted.get(index) ?? 0;
      assert.ok(Math.abs(came - DRAWS * share) <= bound(share) + 5, `age ${age}: ${came}`);
      counted.delete(index);
    }
    assert.is(counted.size, 0, "nothing else was drawn");
  }
});

test("uniform draws all keys equally often", () => {
  const draw = indexDraw(50, "uniform");
  const random = seededRandom(5, 0);
  const counted = counts(() => draw(random));
  assert.is(counted.size, 50);
  for (const count of counted.values()) {
    assert.ok(Math.abs(count - DRAWS / 50) <= bound(1 / 50), String(count));
  }
});

test.run();
