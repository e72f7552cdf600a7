/** The primary series of a run: those shown, and those used for its verdict. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listedOf } from "../../../src/listing/listed.ts";
import { headlineOf, tilesOf } from "../../../src/report/html/headline.ts";
import { isPrimary, primaryOperations } from "../../../src/workloads/series-roles.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

test("the primary series is the whole, or all series except set-up, parts and observations", () => {
  const primaries = (kind: string, names: string[]) =>
    names.filter((name) => isPrimary(name, kind, names));
  assert.equal(primaries("put", ["put"]), ["put"]);
  assert.equal(primaries("kubernetes", ["watch-create", "kubernetes", "pod-get", "compact"]), [
    "kubernetes",
  ]);
  const watch = ["watch-create", "watch-put", "watch-delivery", "watch-delivery-after-ack"];
  assert.equal(primaries("watch", watch), ["watch-put", "watch-delivery"]);
  const both = ["range-linearizable", "range-linearizable-page", "range-serializable"];
  assert.equal(primaries("range", both), ["range-linearizable", "range-serializable"]);
  const staleness = ["staleness-put", "staleness-m1", "staleness-read-m1"];
  assert.equal(primaries("staleness", staleness), ["staleness-put", "staleness-m1"]);
});

const watched = (offered: number) => {
  const operation = (name: string, throughputPerSec: number) =>
    operationFixture({ name, throughputPerSec, requests: { offered } });
  const create = operationFixture({ name: "watch-create", throughputPerSec: 684 });
  const operations = [create, operation("watch-put", 500), operation("watch-delivery", 5_000)];
  const result = resultFixture({ operations });
  result.plan.workload = { ...result.plan.workload, kind: "watch" } as never;
  return result;
};

test("the set-up series is never shown as the primary one", () => {
  const result = watched(1_000);
  assert.match(headlineOf([result]), /^watch-put 500\/s.*, watch-delivery 5,000\/s/);
  assert.is(tilesOf(result)[0]!.name, "watch-put, throughput");
  const [listed] = listedOf({ kind: "results", results: [result] });
  assert.is(listed!.kind === "result" && listed!.operation, "watch-put");
});

test("if a run stopped during set-up, the set-up series is the primary one", () => {
  assert.equal(
    primaryOperations(watched(0)).map(({ name }) => name),
    ["watch-create"],
  );
});

test.run();
