/** The slope and its interval: lines, scatter of a known distribution, and too few points. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { slopeInterval } from "../../../src/stats/slope-interval.ts";

test("points of a line have its slope, with an interval of zero width", () => {
  const points = [0, 1, 2, 3, 4, 5, 6].map((at) => ({ at, value: 7 + 3 * at }));
  assert.equal(slopeInterval(points), { slope: 3, low: 3, high: 3 });
});

test("one outlier does not change the slope", () => {
  const points = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({ at, value: at === 3 ? 1e6 : 2 * at }));
  assert.is(slopeInterval(points)!.slope, 2);
});

test("one point has no slope, and few points have no interval", () => {
  assert.is(slopeInterval([{ at: 1, value: 2 }]), null);
  assert.is(slopeInterval([1, 1, 1].map((at) => ({ at, value: at }))), null);
  const three = [0, 1, 2].map((at) => ({ at, value: at }));
  assert.equal(slopeInterval(three), { slope: 1, low: null, high: null });
});

test("the interval contains the true slope in about 95 of 100 cases", () => {
  const random = seededRandom(5, 1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const cases = 2_000;
  let covered = 0;
  for (let each = 0; each < cases; each++) {
    const points = Array.from({ length: 9 }, (_, at) => ({ at, value: 10 * at + 4 * normal() }));
    const { low, high } = slopeInterval(points)!;
    if (low! <= 10 && high! >= 10) covered += 1;
  }
  assert.ok(covered / cases > 0.93 && covered / cases < 0.995, `${covered / cases}`);
});

test.run();
