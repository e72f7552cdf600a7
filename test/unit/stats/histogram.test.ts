/** Latency histograms: figures, merging, round trips and memory. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { HIGHEST_NS } from "../../../src/stats/histogram-form.ts";
import { cases } from "../../harness/whole-run.ts";
import { histogramOf, PERCENTILES, sampleNs, withHistograms } from "./histograms.ts";

test.before(initHistograms);

test("an empty histogram has 0 in all figures", () => {
  withHistograms((make) => {
    const h = make([]);
    assert.equal(
      [h.count, h.minNs, h.maxNs, h.meanNs, h.stddevNs, h.percentileNs(99)],
      [0, 0, 0, 0, 0, 0],
    );
  });
});

test("a value out of range is clamped, and never throws", () => {
  for (const [ns, kept] of [
    [Number.NaN, 1],
    [-5, 1],
    [0, 1],
    [0.3, 1],
    [HIGHEST_NS * 1000, HIGHEST_NS],
    [Number.POSITIVE_INFINITY, HIGHEST_NS],
  ] as const) {
    withHistograms((make) => {
      const h = make([ns]);
      assert.equal([h.count, h.minNs, h.maxNs, h.percentileNs(50)], [1, kept, kept, kept]);
    });
  }
});

test("min and max are exact when recorded, and within 0.1% after encoding and decoding", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1 }), (samples) =>
      withHistograms((make) => {
        const h = make(samples);
        assert.is(h.minNs, Math.min(...samples));
        assert.is(h.maxNs, Math.max(...samples));
        const copy = make([]);
        copy.addEncoded(h.encode());
        assert.ok(copy.maxNs >= h.maxNs && copy.maxNs <= h.maxNs * 1.001 + 1);
        assert.ok(copy.minNs <= h.minNs && copy.minNs >= h.minNs * 0.999 - 1);
      }),
    ),
  );
});

test("a percentile is not below the exact one, and less than 0.1% above it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e10 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(1, 25, 50, 90, 99, 99.9, 100),
      (samples, percentile) =>
        withHistograms((make) => {
          const sorted = [...samples].sort((a, b) => a - b);
          const rank = Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9));
          const exact = sorted[rank - 1]!;
          const read = make(samples).percentileNs(percentile);
          assert.ok(read >= exact, `${read} >= ${exact}`);
          assert.ok(read <= exact * 1.001 + 1, `${read} near ${exact}`);
        }),
    ),
  );
});

test("percentiles increase, and like the mean they are between min and max", () => {
  fc.assert(
    fc.property(fc.array(sampleNs, { minLength: 1 }), (samples) =>
      withHistograms((make) => {
        const h = make(samples);
        const read = PERCENTILES.map((p) => h.percentileNs(p));
        for (let i = 1; i < read.length; i++) assert.ok(read[i]! >= read[i - 1]!);
        assert.is(read.at(-1), h.maxNs);
        assert.ok(read[0]! >= h.minNs);
        assert.ok(h.meanNs >= h.minNs && h.meanNs <= h.maxNs);
      }),
    ),
  );
});

test("merging the histograms of 100 workers equals recording all in one, bucket for bucket", () => {
  const shares = fc.array(fc.array(sampleNs, { maxLength: 20 }), {
    minLength: 100,
    maxLength: 100,
  });
  fc.assert(
    fc.property(shares, (workers) => {
      const merged = new LatencyHistogram();
      const whole = histogramOf(workers.flat());
      for (const samples of workers) {
        withHistograms((make) => merged.addEncoded(make(samples).encode()));
      }
      const [all, expected] = [merged.encode(), whole.encode()];
      merged.destroy();
      whole.destroy();
      assert.equal(all, expected);
    }),
    { numRuns: cases(10), seed: 4 },
  );
});

test("merging any number of histograms equals recording all in one, bucket for bucket", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(sampleNs), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (shares, throughBytes) =>
        withHistograms((make) => {
          const merged = make([]);
          for (const share of shares) {
            const part = make(share);
            if (throughBytes) merged.addEncoded(part.encode());
            else merged.add(part);
          }
          const whole = make(shares.flat());
          assert.is(merged.count, shares.flat().length);
          assert.equal(merged.encode(), whole.encode());
        }),
    ),
  );
});

test("bytes and base64 keep every bucket", () => {
  fc.assert(
    fc.property(fc.array(sampleNs), (samples) =>
      withHistograms((make) => {
        const h = make(samples);
        const text = h.toBase64();
        const copy = LatencyHistogram.fromBase64(text);
        assert.equal(copy.encode(), h.encode());
        assert.is(copy.toBase64(), text);
        copy.destroy();
      }),
    ),
  );
});

test("reset removes all values", () => {
  withHistograms((make) => {
    const h = make([5, 10, 2e9]);
    h.reset();
    assert.is(h.count, 0);
    h.recordNs(77);
    assert.equal([h.count, h.minNs, h.maxNs], [1, 77, 77]);
  });
});

test("corrupt base64 throws an Error with a message, and histograms remain usable", () => {
  withHistograms((make) => {
    const good = make([1000, 2000, 3e6]).toBase64();
    const bad = ["", "no histogram", "AAAA", good.slice(0, -6), good.slice(4), `${good}${good}`];
    for (const text of bad) {
      assert.throws(
        () => LatencyHistogram.fromBase64(text),
        (thrown: unknown) => thrown instanceof Error && thrown.message.length > 0,
        text,
      );
    }
    const still = LatencyHistogram.fromBase64(good);
    assert.is(still.count, 3);
    still.destroy();
  });
});

test("any flipped byte of an encoded histogram gives an Error or a histogram, never a hang", () => {
  withHistograms((make) => {
    const bytes = make([1, 1000, 1000, 2e6, 3e9]).encode();
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const copy = bytes.slice();
        copy[at]! ^= flip;
        const target = make([]);
        try {
          target.addEncoded(copy);
        } catch (thrown) {
          assert.instance(thrown, Error);
          refused++;
        }
      }
    }
    assert.ok(refused > 0);
    const after = make([]);
    after.addEncoded(bytes);
    assert.is(after.count, 5);
  });
});

test("hundreds of snapshots free their WebAssembly memory", () => {
  withHistograms((make) => {
    const total = make([]);
    const interval = make([]);
    const cycle = (times: number) => {
      for (let i = 0; i < times; i++) {
        interval.recordNs(1000 + i);
        const passing = new LatencyHistogram();
        passing.addEncoded(interval.encode());
        total.add(passing);
        passing.destroy();
        interval.reset();
      }
    };
    cycle(200);
    const before = process.memoryUsage().rss;
    cycle(800);
    const grownBytes = process.memoryUsage().rss - before;
    // One histogram takes 270 KB, so a leak of one per cycle would be 216 MB.
    assert.ok(grownBytes < 100e6, `grew by ${grownBytes} bytes`);
    assert.is(total.count, 1000);
  });
});

test.run();
