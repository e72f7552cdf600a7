/** Figures of an encoded histogram, compared with a histogram that decoded the same bytes. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FilledHistogram } from "../../../src/stats/filled-histogram.ts";
import { initHistograms, type LatencyHistogram } from "../../../src/stats/histogram.ts";
import { PERCENTILES, sampleNs, withHistograms } from "./histograms.ts";

test.before(initHistograms);

const samples = fc.array(sampleNs, { maxLength: 300 });

function assertSame(filled: FilledHistogram, histogram: LatencyHistogram): void {
  assert.equal(
    [filled.count, filled.minNs, filled.maxNs],
    [histogram.count, histogram.minNs, histogram.maxNs],
  );
  const apart = Math.abs(filled.meanNs - histogram.meanNs);
  assert.ok(apart <= 1e-9 * histogram.meanNs, `mean ${filled.meanNs} ${histogram.meanNs}`);
  for (const each of PERCENTILES) {
    assert.is(filled.percentileNs(each), histogram.percentileNs(each), `p${each}`);
  }
}

test("the figures equal those of a histogram with the same bytes, also of an empty one", () => {
  fc.assert(
    fc.property(samples, (values) =>
      withHistograms((make) => {
        const encoded = make(values).encode();
        const read = make([]);
        read.addEncoded(encoded);
        assertSame(FilledHistogram.of(encoded), read);
      }),
    ),
  );
  assert.is(FilledHistogram.of(null).percentileNs(99), 0);
});

test("two joined histograms have the figures of a histogram to which both were added", () => {
  fc.assert(
    fc.property(samples, samples, (some, others) =>
      withHistograms((make) => {
        const [one, other] = [make(some).encode(), make(others).encode()];
        const sum = make([]);
        sum.addEncoded(one);
        sum.addEncoded(other);
        assertSame(FilledHistogram.of(one).with(FilledHistogram.of(other)), sum);
      }),
    ),
  );
});

test.run();
