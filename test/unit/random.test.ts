/** Tests the seeded generator: repeatable for a seed, different for each stream, and uniform. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomBelow, randomBytes, SeedStream, seededRandom } from "../../src/random.ts";

function draws(seed: number, stream: number, count: number): number[] {
  const random = seededRandom(seed, stream);
  return Array.from({ length: count }, () => random());
}

test("the same seed and stream give the same numbers, on every machine", () => {
  assert.equal(draws(1, 0, 1_000), draws(1, 0, 1_000));
  // Fixed by the first release: a change would silently give old plans other keys.
  assert.equal(
    draws(0, 0, 4).map((draw) => draw * 2 ** 32),
    [1743954244, 207519241, 3716241083, 193275849],
  );
});

test("different seeds and streams share no numbers, neighbours included", () => {
  const streams = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [0xffffffff, 0],
    [0, 1_000],
    [0, 1_000_000],
  ].map(([seed, stream]) => draws(seed!, stream!, 1_000));
  const all = new Set(streams.flat());
  // 7,000 draws of 32 bits: 0.006 collisions are expected.
  assert.ok(all.size >= 6_999, `${all.size} distinct`);
});

const SRC = fileURLToPath(new URL("../../../src", import.meta.url));

/** The names of all streams that src/ declares. */
function declaredNames(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(path.join(SRC, file), "utf8");
      return [...text.matchAll(/new SeedStream\("([^"]+)"\)/g)].map((match) => match[1]!);
    });
}

const streamOf = (name: string, seed: number, index?: number) => {
  const random = new SeedStream(name).random(seed, index);
  return Array.from({ length: 100 }, () => random());
};

test("every stream has its own name, and no two streams share numbers", () => {
  const names = declaredNames();
  assert.ok(names.length >= 20, `${names.length} names`);
  assert.is(new Set(names).size, names.length, names.join());
  for (const seed of [0, 1, 0xffffffff]) {
    const draws = names.flatMap((name) => [0, 1, 31].flatMap((at) => streamOf(name, seed, at)));
    // 7,000 draws of 32 bits: 0.006 collisions are expected.
    assert.ok(new Set(draws).size >= draws.length - 1);
  }
});

test("two names never give the same stream, whichever was declared first", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, fc.nat(), (one, other, seed) => {
      const before = streamOf(one, seed);
      if (one !== other) assert.is.not(before.join(), streamOf(other, seed).join());
      assert.equal(streamOf(one, seed), before);
    }),
  );
  // A change would give other keys to saved plans that are run again.
  const random = new SeedStream("put.keys").random(1, 2);
  assert.equal(
    [random(), random()].map((draw) => draw * 2 ** 32),
    [3468564906, 2798199996],
  );
});

test("numbers lie in [0, 1)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(), (seed, stream) => {
      for (const draw of draws(seed, stream, 100)) assert.ok(draw >= 0 && draw < 1);
    }),
  );
});

/** Sum of (found - expected)^2 / expected. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test("numbers fall evenly into 100 classes, alone and in pairs of successive draws", () => {
  const random = seededRandom(42, 7);
  const single = new Array<number>(100).fill(0);
  const pairs = new Array<number>(100).fill(0);
  for (let draw = 0; draw < 100_000; draw++) {
    const [first, second] = [random(), random()];
    single[Math.floor(first * 100)]! += 1;
    pairs[Math.floor(first * 10) * 10 + Math.floor(second * 10)]! += 1;
  }
  // 99 degrees of freedom: mean 99, standard deviation 14; the seed makes the figure fixed.
  for (const counts of [single, pairs]) {
    const figure = chiSquare(counts, 1_000);
    assert.ok(figure > 50 && figure < 150, `chi-square ${figure}`);
  }
});

test("a number drawn below a bound is an integer below it, also beyond 32 bits", () => {
  const bounds = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 32 + 5 }),
    fc.integer({ min: 2 ** 32, max: Number.MAX_SAFE_INTEGER }),
  );
  fc.assert(
    fc.property(bounds, fc.nat(), (bound, seed) => {
      const random = seededRandom(seed, 0);
      for (let draw = 0; draw < 20; draw++) {
        const number = randomBelow(random, bound);
        assert.ok(Number.isSafeInteger(number) && number >= 0 && number < bound, String(number));
      }
    }),
  );
});

test("the largest draw stays below every bound", () => {
  const largest = () => 1 - 2 ** -32;
  for (const bound of [1, 2, 1_000, 2 ** 32, 2 ** 32 + 1, 2 ** 45, 2 ** 52, 2 ** 53 - 1]) {
    assert.ok(randomBelow(largest, bound) < bound, String(bound));
  }
});

test("bounds beyond 32 bits use the low bits too", () => {
  const random = seededRandom(3, 3);
  let odd = 0;
  for (let draw = 0; draw < 10_000; draw++) odd += randomBelow(random, 2 ** 50) % 2;
  assert.ok(odd > 4_700 && odd < 5_300, `${odd} odd`);
});

test("random octets take every value, and depend on the seed", () => {
  const bytes = randomBytes(seededRandom(5, 0), 10_000);
  assert.is(new Set(bytes).size, 256);
  assert.equal(bytes, randomBytes(seededRandom(5, 0), 10_000));
  assert.is(randomBytes(seededRandom(5, 0), 0).length, 0);
});

test.run();
