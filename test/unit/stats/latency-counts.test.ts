/** A worker's counts equal those of an HdrHistogram with the same latencies. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { HIGHEST_NS } from "../../../src/stats/histogram-form.ts";
import { LatencyCounts } from "../../../src/stats/latency-counts.ts";
import { cases } from "../../harness/whole-run.ts";

test.before(initHistograms);

const HEADER_BYTES = 40;

/** Latencies of every magnitude, integers and fractions, and beyond both ends. */
const latencies = fc.oneof(
  fc.integer({ min: -1, max: 5_000 }),
  fc.integer({ min: 0, max: 42 }).map((power) => 2 ** power),
  fc.integer({ min: 1, max: 42 }).map((power) => 2 ** power - 1),
  fc.double({ min: 0, max: 2 * HIGHEST_NS, noNaN: false }),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.constantFrom(2 ** 31 - 0.5, 2 ** 31, 2 ** 32 - 1, 2 ** 32, HIGHEST_NS, Number.NaN),
);

test("the encoded words are those of an HdrHistogram with the same values", () => {
  const sample = fc.tuple(latencies, fc.constantFrom(1, 2, 127, 128, 3_000_000));
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), (samples) => {
      const counts = new LatencyCounts();
      const histogram = new LatencyHistogram();
      for (const [ns, count] of samples) {
        counts.recordNs(ns, count);
        histogram.recordNs(ns, count);
      }
      const read = new LatencyHistogram();
      const encoded = counts.retire()!();
      read.addEncoded(encoded);
      assert.equal([...read.encode()], [...histogram.encode()]);
      // The library writes two header fields differently.
      assert.equal(
        [...encoded.subarray(HEADER_BYTES)],
        [...histogram.encode().subarray(HEADER_BYTES)],
      );
      for (const each of [read, histogram]) each.destroy();
    }),
    { numRuns: cases(300) },
  );
});

test("retired counts, encoded in any order, contain every sample exactly once", () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 3_000_000_000 }) },
    fc.constant("retire" as const),
    fc.constant("encode first" as const),
    fc.constant("encode last" as const),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const counts = new LatencyCounts();
      const [expected, sum] = [new LatencyHistogram(), new LatencyHistogram()];
      const waiting: (() => Uint8Array)[] = [];
      let recorded = 0;
      for (const each of actions) {
        if (typeof each === "number") {
          counts.recordNs(each);
          expected.recordNs(each);
          recorded += 1;
        } else if (each === "retire") {
          const encode = counts.retire();
          if (encode !== null) waiting.push(encode);
        } else {
          const encode = each === "encode first" ? waiting.shift() : waiting.pop();
          if (encode !== undefined) sum.addEncoded(encode());
        }
      }
      const rest = counts.retire();
      if (rest !== null) waiting.push(rest);
      for (const encode of waiting) sum.addEncoded(encode());
      assert.is(sum.count, recorded);
      assert.equal([...sum.encode()], [...expected.encode()]);
      assert.is(counts.retire(), null);
      for (const histogram of [expected, sum]) histogram.destroy();
    }),
  );
});

test.run();
