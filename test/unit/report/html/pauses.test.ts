/** The chart of a run marks pauses of the client. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { timeFigure } from "../../../../src/report/html/time-chart.ts";
import { operationFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

const [interval] = operationFixture().intervals;
const intervals = [0, 1, 2, 3].map((startSeconds) => ({ ...interval!, startSeconds }));
const NONE = resultFixture().client.pauses!;

function figureOf(longest: (typeof NONE)["longest"]) {
  const count = longest.filter(({ workers }) => workers > 0).length;
  const result = resultFixture({
    operations: [operationFixture({ intervals })],
    client: { pauses: { ...NONE, count, longest } },
  });
  return timeFigure(result, "Over time", 100)!;
}

const PAUSE = {
  startSeconds: 1.5,
  durationMs: 1_000,
  workers: 1,
  isOfMainThread: true,
  cause: "not-run" as const,
};

test("a pause of workers is a band with a letter, a caption, and a column of the table", () => {
  const { panels, caption, columns, rows } = figureOf([PAUSE]);
  const bands = panels.map((panel) => panel.bands!.filter(({ tone }) => tone === "pause"));
  for (const each of bands) assert.is(each.length, 1);
  const [band] = bands[0]!;
  assert.is(band!.label, "P");
  assert.ok(Math.abs(band!.from - 1.5 / 4) < 1e-9 && Math.abs(band!.to - 2.5 / 4) < 1e-9);
  assert.match(caption.join(), /P pause of the client/);
  assert.is(columns.at(-1)!.header, "client paused");
  assert.equal(
    rows.map(({ cells }) => cells.at(-1)),
    ["", "500 ms", "500 ms", ""],
  );
});

test("a run without a pause, or with one of the main thread only, has no mark", () => {
  for (const longest of [[], [{ ...PAUSE, workers: 0 }]]) {
    const { panels, caption, columns } = figureOf(longest);
    assert.ok(panels.every(({ bands }) => bands!.every(({ tone }) => tone !== "pause")));
    assert.not.match(caption.join(), /pause/);
    assert.is.not(columns.at(-1)!.header, "client paused");
  }
});

test.run();
