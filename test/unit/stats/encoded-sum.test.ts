/** Adds encoded histograms of many workers; the sum is correct even if it is read in between. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { HIGHEST_NS } from "../../../src/stats/histogram-form.ts";
import { LatencyCounts } from "../../../src/stats/latency-counts.ts";

await initHistograms();

const times = fc.array(
  fc.record({
    ns: fc.oneof(fc.integer({ min: 0, max: 1 << 20 }), fc.double({ min: 1, max: HIGHEST_NS })),
    count: fc.integer({ min: 1, max: 1e6 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function encoded(of: { ns: number; count: number }[]): Uint8Array {
  const counts = new LatencyCounts();
  for (const { ns, count } of of) counts.recordNs(Number.isNaN(ns) ? 1 : ns, count);
  return counts.retire()!();
}

/** The sum of the histograms, each decoded separately and then added. */
function addedOneByOne(all: readonly Uint8Array[]): LatencyHistogram {
  const sum = new LatencyHistogram();
  for (const bytes of all) {
    const one = new LatencyHistogram();
    one.addEncoded(bytes);
    sum.add(one);
    one.destroy();
  }
  return sum;
}

function figuresOf(histogram: LatencyHistogram) {
  const { count, minNs, maxNs, meanNs, stddevNs } = histogram;
  return { count, minNs, maxNs, meanNs, stddevNs, p99: histogram.percentileNs(99) };
}

test("adding encoded histograms gives the sum of the decoded ones, in all buckets and figures", () => {
  fc.assert(
    fc.property(
      fc.array(times, { minLength: 1, maxLength: 8 }),
      fc.nat(7),
      (workers, readAfter) => {
        const all = workers.map(encoded);
        const expected = addedOneByOne(all);
        const sum = new LatencyHistogram();
        for (const [at, bytes] of all.entries()) {
          sum.addEncoded(bytes);
          if (at === readAfter) assert.ok(sum.count > 0);
        }
        assert.equal(figuresOf(sum), figuresOf(expected));
        assert.is(sum.toBase64(), expected.toBase64());
        sum.destroy();
        expected.destroy();
      },
    ),
  );
});

test("a sum with one value has its bucket's lower end as minimum and upper end as maximum", () => {
  const sum = new LatencyHistogram();
  sum.addEncoded(new LatencyHistogram().encode());
  sum.addEncoded(encoded([{ ns: 2048, count: 1 }]));
  assert.equal([sum.count, sum.minNs, sum.maxNs], [1, 2048, 2049]);
  sum.destroy();
});

test("invalid bytes add nothing", () => {
  const good = encoded([{ ns: 5, count: 3 }]);
  const sum = new LatencyHistogram();
  sum.addEncoded(good);
  sum.addEncoded(good);
  const cut = encoded([
    { ns: 5, count: 3 },
    { ns: 900, count: 1e6 },
  ]).slice();
  // The last word continues beyond the end.
  cut[cut.length - 1]! |= 0x80;
  assert.throws(() => sum.addEncoded(cut), /cut short/);
  const far = new Uint8Array(48).fill(0xff);
  far.set(good.subarray(0, 40));
  far.set([0xff, 0xff, 0xff, 0xff, 0x0f, 2, 2, 2], 40);
  new DataView(far.buffer).setInt32(4, 8);
  assert.throws(() => sum.addEncoded(far), /above an hour/);
  assert.throws(() => sum.addEncoded(new Uint8Array(7)), /cut short/);
  assert.is(sum.count, 6);
  sum.destroy();
});

test("a histogram that was reset holds only later values", () => {
  const sum = new LatencyHistogram();
  for (let each = 0; each < 3; each++) sum.addEncoded(encoded([{ ns: 7, count: 2 }]));
  sum.reset();
  assert.is(sum.count, 0);
  sum.addEncoded(encoded([{ ns: 9, count: 4 }]));
  assert.equal([sum.count, sum.maxNs], [4, 9]);
  sum.destroy();
});

test.run();
