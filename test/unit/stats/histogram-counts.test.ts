/** Latency histograms: subtraction, and counts beyond 32 bits. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { cases } from "../../harness/whole-run.ts";
import { PERCENTILES, sampleNs, withHistograms } from "./histograms.ts";

test.before(initHistograms);

test("after a subtraction the rest is as if only it had been recorded", () => {
  const sample = fc.integer({ min: 1, max: 3_600_000_000 });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1 }), fc.array(sample), (kept, taken) => {
      const [all, part, rest] = [kept, taken, kept].map((values) => {
        const histogram = new LatencyHistogram();
        for (const ns of values) histogram.recordNs(ns);
        return histogram;
      }) as [LatencyHistogram, LatencyHistogram, LatencyHistogram];
      all.add(part);
      all.subtract(part);
      assert.is(all.toBase64(), rest.toBase64());
      for (const histogram of [all, part, rest]) histogram.destroy();
    }),
    { numRuns: cases(50) },
  );
});

const hugeCount = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 5e9, 2 ** 40, 2 ** 49),
  fc.maxSafeInteger().map((count) => 1 + (Math.abs(count) % 2 ** 49)),
);

test("counts beyond 2^31 in a bucket are read back unchanged, from bytes and from text", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sampleNs, hugeCount), { minLength: 1, maxLength: 12 }), (all) =>
      withHistograms((make) => {
        const h = make([]);
        for (const [ns, count] of all) h.recordNs(Math.floor(ns), count);
        const copy = make([]);
        copy.addEncoded(h.encode());
        assert.is(copy.count, h.count);
        assert.is(
          copy.count,
          all.reduce((sum, [, count]) => sum + count, 0),
        );
        for (const each of PERCENTILES.slice(1)) {
          const [was, is] = [h.percentileNs(each), copy.percentileNs(each)];
          assert.ok(is >= was && is <= was * 1.001 + 1, `p${each}: ${was} ${is}`);
        }
        assert.ok(copy.maxNs >= h.maxNs && copy.maxNs <= h.maxNs * 1.001 + 1);
        assert.ok(copy.minNs <= h.minNs && copy.minNs >= h.minNs * 0.999 - 1);
        assert.equal(copy.encode(), h.encode());
        const loaded = LatencyHistogram.fromBase64(h.toBase64());
        assert.equal(loaded.encode(), h.encode());
        // The histogram is added to itself, as the runs of a year are added.
        loaded.add(copy);
        loaded.addEncoded(h.encode());
        assert.is(loaded.count, 3 * h.count);
        loaded.destroy();
      }),
    ),
  );
});

test("huge counts that are cut short or beyond 2^53 are refused, and nothing crashes", () => {
  withHistograms((make) => {
    const h = make([]);
    h.recordNs(1000, 5e9);
    const whole = h.encode();
    const cut = whole.slice(0, -1);
    new DataView(cut.buffer).setInt32(4, cut.byteLength - 40);
    assert.throws(() => make([]).addEncoded(cut), /cut short/);
    const words = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xff];
    const beyond = new Uint8Array([...whole.slice(0, 40), ...words]);
    new DataView(beyond.buffer).setInt32(4, words.length);
    assert.throws(() => make([]).addEncoded(beyond), /beyond 2\^53/);
  });
});

test.run();
