/** Which operations stand for a load, wherever one of them is shown or judged for all. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listedOf } from "../../../src/listing/listed.ts";
import { headlineOf, tilesOf } from "../../../src/report/html/headline.ts";
import { isPrimary, primaryOperations } from "../../../src/workloads/series-roles.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

test("what stands for a load is its whole, or all that is neither set-up, part nor look-on", () => {
  const standing = (kind: string, names: string[]) =>
    names.filter((name) => isPrimary(name, kind, names));
  assert.equal(standing("put", ["put"]), ["put"]);
  assert.equal(standing("kubernetes", ["watch-create", "kubernetes", "pod-get", "compact"]), [
    "kubernetes",
  ]);
  const watch = ["watch-create", "watch-put", "watch-delivery", "watch-delivery-after-ack"];
  assert.equal(standing("watch", watch), ["watch-put", "watch-delivery"]);
  const both = ["range-linearizable", "range-linearizable-page", "range-serializable"];
  assert.equal(standing("range", both), ["range-linearizable", "range-serializable"]);
  const staleness = ["staleness-put", "staleness-m1", "staleness-read-m1"];
  assert.equal(standing("staleness", staleness), ["staleness-put", "staleness-m1"]);
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

test("what set a load up is never shown for it", () => {
  const result = watched(1_000);
  assert.match(headlineOf([result]), /^watch-put 500\/s.*, watch-delivery 5,000\/s/);
  assert.is(tilesOf(result)[0]!.name, "watch-put, throughput");
  const [listed] = listedOf({ kind: "results", results: [result] });
  assert.is(listed!.kind === "result" && listed!.operation, "watch-put");
});

test("of a run that broke off while it was set up, that is all there is", () => {
  assert.equal(
    primaryOperations(watched(0)).map(({ name }) => name),
    ["watch-create"],
  );
});

test.run();
