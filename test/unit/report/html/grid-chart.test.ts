/** The settings of several runs that make a grid, and the maps of a grid. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { gridsOf, mapsOf, renderGrids } from "../../../../src/report/html/grid-chart.ts";
import { heatStep, rangeOf } from "../../../../src/report/html/heatmap.ts";
import { HEAT_STEPS } from "../../../../src/report/html/theme.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { availabilityOf } from "../../../fixtures/availability-fixture.ts";
import { gridRun } from "../../../fixtures/page-fixtures.ts";
import { latencyFixture, operationFixture } from "../../../fixtures/result-fixture.ts";

const RUNS = [
  gridRun(10, 16, 100),
  gridRun(10, 1024, 90),
  gridRun(100, 16, 900),
  gridRun(100, 1024, 800),
  gridRun(1000, 16, 2000),
  gridRun(1000, 1024, 1000),
];

test("settings that vary together are one side of the grid, and the longer side is horizontal", () => {
  const [grid, ...others] = gridsOf(RUNS);
  assert.equal(others, []);
  assert.equal([grid!.columns.name, grid!.rows.name], ["connections", "value size"]);
  assert.equal(grid!.others, []);
});

test("a map has each run's figure in its cell, and - where there is none", () => {
  const [grid] = gridsOf(RUNS.slice(0, 5));
  const [map] = mapsOf(grid!);
  assert.equal(map!.columns, ["1", "10", "100"]);
  assert.equal(map!.rows, ["16 B", "1KiB"]);
  assert.equal(map!.values, [
    [100, 900, 2000],
    [90, 800, null],
  ]);
  assert.equal(map!.range, { min: 90, max: 2000 });
  assert.is(map!.title, "put, requests per second");
});

test("repeated runs of a cell give their median", () => {
  const [grid] = gridsOf([...RUNS, gridRun(10, 16, 300), gridRun(10, 16, 110)]);
  assert.is(mapsOf(grid!)[0]!.values[0]![0], 110);
});

test("a cell of which one run does not have the figure has no median of the better ones", () => {
  const failing = gridRun(10, 16, 105);
  const serviceTime = latencyFixture({ p99Ms: null, atLeast: { p99Ms: 3_000 } });
  failing.operations = [operationFixture({ serviceTime })];
  const p99Of = (runs: RunResult[]) =>
    mapsOf(gridsOf(runs)[0]!).find(({ title }) => title.includes("p99"))!.values[0]![0];
  assert.is(p99Of([...RUNS, gridRun(10, 16, 110)]), 52.6);
  assert.is(p99Of([...RUNS, failing]), null);
});

test("an outage that was open at the end of its run has no length in a map", () => {
  const withOutage = (isOpen: boolean) => {
    const availability = availabilityOf(200);
    for (const group of availability.groups) for (const each of group.windows) each.isOpen = isOpen;
    return { ...RUNS[0]!, availability };
  };
  const windowOf = (isOpen: boolean) =>
    mapsOf(
      gridsOf([
        withOutage(isOpen),
        ...RUNS.slice(1).map((each) => ({ ...each, availability: availabilityOf(100) })),
      ])[0]!,
    )[0]!.values[0]![0];
  assert.is(windowOf(false), 300);
  assert.is(windowOf(true), null);
});

test("a third setting gives a map for each of its values, with the same colour scale", () => {
  const versions = ["3.4.23", "3.5.30"].flatMap((version) =>
    RUNS.map((each) => ({ ...each, target: { ...each.target, version } })),
  );
  const maps = mapsOf(gridsOf(versions)[0]!).filter(({ title }) => title.includes("per second"));
  assert.equal(
    maps.map(({ title }) => title),
    ["put, requests per second: etcd 3.4.23", "put, requests per second: etcd 3.5.30"],
  );
  assert.equal(maps[0]!.range, maps[1]!.range);
});

test("outages by heartbeat and election timeout have a map of the longest window", () => {
  const outage = (heartbeat: number, election: number, windowMs: number) => {
    const [run] = RUNS;
    const serverArgs = [`--heartbeat-interval=${heartbeat}`, `--election-timeout=${election}`];
    const { plan } = planFromFlags({ command: "put", flags: { local: "3" } }, {});
    const local = { ...plan.target.local!, serverArgs };
    const target = { ...run!.plan.target, local };
    return { ...run!, plan: { ...run!.plan, target }, availability: availabilityOf(windowMs) };
  };
  const runs = [outage(10, 100, 200), outage(10, 500, 700), outage(50, 500, 750)];
  const [map] = mapsOf(gridsOf(runs)[0]!);
  assert.equal(
    [map!.title, map!.rowName, map!.columnName],
    ["put, longest window", "election timeout", "heartbeat"],
  );
  // The worst of the clients that are not only on the faulted member.
  assert.equal(map!.values, [
    [300, null],
    [800, 850],
  ]);
});

test("one run, runs that vary in only one way, and a diagonal are not a grid", () => {
  for (const runs of [
    RUNS.slice(0, 1),
    RUNS.slice(0, 2),
    [RUNS[0]!, RUNS[3]!, gridRun(1000, 4096, 1)],
  ]) {
    assert.equal(gridsOf(runs), []);
    assert.is(renderGrids(runs).text, "");
  }
});

test("colours go from the least to the most, on a log scale where the range is wide", () => {
  const narrow = { min: 100, max: 200 };
  assert.equal(
    [100, 200].map((value) => heatStep(value, narrow)),
    [0, HEAT_STEPS - 1],
  );
  assert.is(heatStep(150, narrow), Math.floor(HEAT_STEPS / 2));
  assert.is(heatStep(100, { min: 1, max: 10_000 }), Math.floor(HEAT_STEPS / 2));
  assert.is(heatStep(5, { min: 5, max: 5 }), 0);
  assert.is(rangeOf([null]), null);
});

test.run();
