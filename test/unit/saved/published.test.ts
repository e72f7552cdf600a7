/** Tests the published figures: their values, and which results they match. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { holdsLittlesLaw } from "../../../src/result/law-words.ts";
import { loadShape } from "../../../src/saved/load-shape.ts";
import { findPublished, publishedRows } from "../../../src/saved/published.ts";
import { littlesLaw } from "../../../src/stats/latency.ts";
import { planFixture, rangeResultFixture, resultFixture } from "../../fixtures/result-fixture.ts";

test("the seven rows of etcd 3.2.0 have the order of the published tables", () => {
  const rows = publishedRows().filter((row) => row.result.target.version === "3.2.0");
  const seen = rows.map(({ result, operation, shape }) => [
    operation.name,
    operation.requests.succeeded,
    `${shape.connections}/${shape.clients}`,
    shape.target,
    operation.throughputPerSec,
    operation.serviceTime.meanMs,
    result.server[0]?.rssMeanBytes ?? null,
  ]);
  assert.equal(seen, [
    ["put", 10_000, "1/1", "leader", 583, 1.6, 48e6],
    ["put", 100_000, "100/1000", "leader", 44_341, 22, 124e6],
    ["put", 100_000, "100/1000", "all members", 50_104, 20, 126e6],
    ["range-linearizable", 10_000, "1/1", "all members", 1353, 0.7, null],
    ["range-serializable", 10_000, "1/1", "all members", 2909, 0.3, null],
    ["range-linearizable", 100_000, "100/1000", "all members", 141_578, 5.5, null],
    ["range-serializable", 100_000, "100/1000", "all members", 185_758, 2.2, null],
  ]);
  for (const { shape } of rows) {
    assert.equal([shape.keySizeBytes, shape.valSizeBytes, shape.members], [8, 256, 3]);
  }
});

test("the row of dbtester has its percentiles, and no unpublished figures", () => {
  const rows = publishedRows().filter((row) => row.result.target.version === "3.3.0");
  assert.is(rows.length, 1);
  const { operation, result } = rows[0]!;
  const { p50Ms, p99Ms, p999Ms, meanMs, maxMs } = operation.serviceTime;
  assert.equal([p50Ms, p99Ms, p999Ms, meanMs, maxMs], [22.17, 74.14, 97.39, null, null]);
  assert.is(operation.throughputPerSec, 35_258);
  assert.equal(result.server, []);
});

test("every published row is marked as published and names its source", () => {
  for (const { result } of publishedRows()) {
    assert.is(result.origin, "published");
    assert.match(
      result.notes[0]!,
      /^Published (in etcd's documentation, op-guide\/performance|by)/,
    );
  }
});

test("a note marks exactly the rows that break Little's law beyond their rounding", () => {
  let marked = 0;
  for (const { result, operation, shape } of publishedRows()) {
    const { meanMs } = operation.serviceTime;
    const roundingMs = meanMs !== null && meanMs < 10 ? 0.05 : 0.5;
    const lawHolds = [-roundingMs, 0, roundingMs].some((by) => {
      const mean = meanMs === null ? null : meanMs + by;
      const law = littlesLaw(shape.clients, operation.throughputPerSec, mean);
      return law === null || holdsLittlesLaw(law);
    });
    const says = result.notes.some((note) => note.includes("breaks Little's law"));
    assert.is(says, !lawHolds, result.id);
    if (says) marked++;
  }
  assert.is(marked, 2);
});

test("a measured result matches the row with the same load shape", () => {
  const put = resultFixture();
  assert.is(findPublished(put, put.operations[0]!)?.operation.throughputPerSec, 50_104);

  const leader = resultFixture({ plan: planFixture({ target: { leaderOnly: true } }) });
  assert.is(findPublished(leader, leader.operations[0]!)?.operation.throughputPerSec, 44_341);

  const range = rangeResultFixture(["linearizable", "serializable"]);
  assert.equal(
    range.operations.map((each) => findPublished(range, each)?.operation.throughputPerSec),
    [141_578, 185_758],
  );
});

test("a different number of requests is the same shape", () => {
  const short = resultFixture({ plan: planFixture({ limits: { totalRequests: 500 } }) });
  assert.ok(findPublished(short, short.operations[0]!));
});

test("a result with any other difference matches no row", () => {
  const fewer = resultFixture();
  fewer.target.members.pop();
  const others = [
    fewer,
    resultFixture({ plan: planFixture({ workload: { kind: "put", valSizeBytes: 257 } }) }),
    resultFixture({ plan: planFixture({ load: { connections: 99 } }) }),
    resultFixture({ plan: planFixture({ load: { clients: 999 } }) }),
    resultFixture({ plan: planFixture({ pacing: { ratePerSec: 1000 } }) }),
    resultFixture({ target: { endpoints: ["127.0.0.1:12379"] } }),
    resultFixture({ origin: "published" }),
  ];
  for (const result of others) assert.is(findPublished(result, result.operations[0]!), null);

  const ownKey = rangeResultFixture();
  assert.ok(findPublished(ownKey, ownKey.operations[0]!));
  if (ownKey.plan.workload.kind === "range") ownKey.plan.workload.key = "foo";
  assert.is(findPublished(ownKey, ownKey.operations[0]!), null);
});

test("the target is all members if every member has an endpoint, else some members", () => {
  const single = resultFixture({ target: { endpoints: ["127.0.0.1:12379"] } });
  assert.is(loadShape(single, single.operations[0]!).target, "some members");
  single.target.members.length = 1;
  assert.is(loadShape(single, single.operations[0]!).target, "all members");
});

test.run();
