/** What a report shows of members that are behind. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFormat } from "../../../../src/report/table.ts";
import type { Quantity, TargetChange } from "../../../../src/result/schema.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../../fixtures/result-fixture.ts";

const QUANTITY = { mean: 1, min: 0, p50: 0, p90: 3, p95: 4, p99: 17, p999: null, max: 1_234 };

const LAG = latencyFixture({ p50Ms: 0.000001, p90Ms: 2, p99Ms: 34, maxMs: 560 });

function textOf(
  readCounters: Record<string, number>,
  behindCounters: Record<string, number>,
  {
    serviceTime = LAG,
    revisionsBehind = { count: 1_000, ...QUANTITY } as Quantity,
    changes = [] as TargetChange[],
  } = {},
) {
  const plan = planFixture();
  plan.workload = {
    kind: "staleness",
    keys: {
      keySizeBytes: 8,
      keySpaceSize: 10,
      sequential: false,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes: 256,
    valueSize: null,
    readRatePerSec: 200,
  };
  const members = ["m1", "m2"].flatMap((name) => [
    operationFixture({
      name: `staleness-${name}`,
      requests: { succeeded: 1_000 },
      serviceTime,
      counters: behindCounters,
      quantities: { revisionsBehind },
    }),
    operationFixture({ name: `staleness-read-${name}`, counters: readCounters }),
  ]);
  const operations = [operationFixture({ name: "staleness-put" }), ...members];
  const result = resultFixture({ operations });
  result.target.changes = changes;
  return tableFormat.render([{ ...result, plan }], { color: false, widthColumns: 200 });
}

test("each member has a line with its role, the fraction of reads behind, and the times and revisions", () => {
  const text = textOf({}, { behind: 250 });
  assert.match(text, /staleness, 200 serializable reads\/s of each member, put, /);
  assert.match(text, /\nStaleness\n/);
  assert.match(text, /\nm1 +follower .* 25% +0 ms +2\.00 ms +34\.0 ms +560 ms +0 +3 +17 +1,234\n/);
  assert.match(text, /\nm2 +leader .* 25% /);
  assert.not.match(text, /were not sent|is remembered/);
});

test("a note reports reads that were not sent, and times that are only lower bounds", () => {
  const text = textOf({ notSent: 7 }, { behind: 1, atLeast: 2 });
  assert.match(text, /14 reads were not sent: too many were waiting for their member/);
  assert.match(text, /4 reads lacked more revisions than bench remembers/);
});

test("no figures of staleness are shown where the revision of etcd went back", () => {
  const changes = [{ kind: "revision", isFault: true, text: "went back", atSeconds: 3 } as const];
  const text = textOf({}, { behind: 250 }, { changes: [...changes] });
  assert.match(
    text,
    /\nHow far reads were behind is not known where the revision of etcd went back/,
  );
  assert.not.match(text, /\nm1 .*(560 ms|1,234|25%)/);
});

test("failed reads turn the figures into bounds", () => {
  const failed = latencyFixture({
    count: 90,
    p50Ms: 0.000001,
    p90Ms: null,
    p99Ms: null,
    maxMs: null,
    atLeast: { p90Ms: 0.000001, p99Ms: 2, maxMs: 560 },
    missing: { count: 10, histogram: "" },
  });
  const revisionsBehind = { ...QUANTITY, count: 90, p99: null, max: 4 };
  const text = textOf({}, { behind: 9 }, { serviceTime: failed, revisionsBehind });
  assert.match(text, /\nm1 +follower .* 0 ms +>=2\.00 ms +>=560 ms +0 to 3 +0 to 4 +>=4 +>=4\n/);
});

test.run();
