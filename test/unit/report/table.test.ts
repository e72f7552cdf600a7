/** The tables of a result: the published figures, each in its column. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderPublishedTables, tableFormat } from "../../../src/report/table.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { publishedRows } from "../../../src/saved/published.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
} from "../../fixtures/result-fixture.ts";
import { cellsOf, OPTIONS, render, sectionOf } from "./table/rendered-table.ts";

/** The seven runs of the quickstart, not in published order. */
function quickstart(): RunResult[] {
  const one = { load: { connections: 1, clients: 1 } };
  const leader = { target: { leaderOnly: true } };
  return [
    rangeResultFixture(["serializable"]),
    resultFixture(),
    rangeResultFixture(["linearizable"], { plan: one }),
    resultFixture({ plan: planFixture({ ...one, ...leader }) }),
    rangeResultFixture(["linearizable"]),
    rangeResultFixture(["serializable"], { plan: one }),
    resultFixture({ plan: planFixture(leader) }),
  ];
}

test("the published table has each figure in its column", () => {
  assert.equal(cellsOf(render(resultFixture()), "Puts"), [
    [
      ...["100,000", "8", "256", "100", "1,000", "all members"],
      ...["40,000", "25.1", "101", "24.2", "52.6", "71.8", "50,104", "0.80x"],
    ],
  ]);
  assert.equal(cellsOf(render(rangeResultFixture()), "Ranges"), [
    [
      ...["100,000", "8", "256", "100", "1,000", "linearizable"],
      ...["40,000", "25.1", "101", "24.2", "52.6", "71.8", "*141,578", "0.28x"],
    ],
  ]);
});

test("a load on some of the members is marked so, and keeps its published row", () => {
  const { target } = resultFixture();
  const members = ["a", "b", "c"].map((name) => ({ ...target.members[0]!, name }));
  const targetOf = (...used: string[]) => {
    const connections = used.map((member) => ({ member, count: 1, messages: null }));
    const whole = { ...target, members, endpoints: ["h:1", "h:2", "h:3"], connections };
    return cellsOf(render({ ...resultFixture(), target: whole }), "Puts")[0]!;
  };
  assert.is(targetOf("a")[5], "1 of 3 members");
  assert.is(targetOf("a", "b", "c")[5], "all members");
  assert.equal(targetOf("a").at(-2), targetOf("a", "b", "c").at(-2));
});

test("members whose connections no client uses are not counted among those with load", () => {
  const result = resultFixture();
  const target = (idle: number[]) => ({
    ...result.target,
    connections: idle.map((each, at) => {
      return { member: `m${at + 1}`, count: 2, messages: null, idle: each };
    }),
  });
  const cell = (idle: number[]) =>
    cellsOf(render({ ...result, target: target(idle) }), "Puts")[0]![5];
  assert.is(cell([0, 2, 2]), "1 of 3 members");
  assert.is(cell([0, 1, 1]), "all members");
  const text = tableFormat.render([{ ...result, target: target([0, 1, 2]) }], OPTIONS);
  assert.match(
    text.replaceAll(/\s+/g, " "),
    /connections: 2 to m1, 2 to m2 \(1 idle\), 2 to m3 \(idle\)/,
  );
});

test("a load on a proxy that spreads it is not said to be on one of the members", () => {
  const result = resultFixture();
  const targetOf = (...names: string[]) => {
    const connections = names.map((member) => ({ member, count: 1, messages: null }));
    const target = { ...result.target, connections };
    return cellsOf(renderPublishedTables([{ ...result, target }], OPTIONS), "Puts")[0]![5];
  };
  assert.is(targetOf("lb:2379"), "1 endpoint");
  assert.is(targetOf("lb:2379", "m1"), "2 endpoints");
  assert.is(targetOf("m1"), "1 of 3 members");
});

test("a load on members that are not known is not said to be on all of them", () => {
  const result = resultFixture();
  const connections = ["h:1", "h:2"].map((member) => ({ member, count: 1, messages: null }));
  const target = { ...result.target, members: [], connections };
  const text = renderPublishedTables([{ ...result, target }], OPTIONS);
  assert.is(cellsOf(text, "Puts")[0]![5], "2 endpoints");
});

test("server RSS is the mean over the members that could be read", () => {
  const result = resultFixture({
    server: [
      serverFixture({ rssMeanBytes: 100e6 }),
      serverFixture({ rssMeanBytes: null }),
      serverFixture({ rssMeanBytes: 200e6 }),
    ],
  });
  assert.is(cellsOf(render(result), "Puts")[0]![8], "150");
});

test("unknown figures are dashes or left-out columns, and never zeros", () => {
  const lacking = resultFixture({
    server: [],
    plan: planFixture({ load: { clients: 7 } }),
    operations: [
      operationFixture({
        throughputPerSec: null,
        serviceTime: latencyFixture({ meanMs: null, p50Ms: null, p99Ms: null, p999Ms: null }),
      }),
    ],
  });
  const [first, second] = cellsOf(render(lacking, resultFixture()), "Puts");
  assert.equal(second!.slice(7), Array(8).fill("-"), first!.join());
  assert.match(render(lacking), /^put: 0 errors, valid\n/);
  assert.not.match(render(lacking), /^put .*\b0 ms/m);
});

test("seven runs give two tables in published order, one line per operation", () => {
  const text = renderPublishedTables(quickstart(), OPTIONS);
  const puts = cellsOf(text, "Puts");
  assert.equal(
    puts.map((cells) => [cells[0], cells[4], cells[6], cells.at(-2)]),
    [
      ["[4]", "1", "leader", "583"],
      ["[7]", "100", "leader", "44,341"],
      ["[2]", "100", "all members", "50,104"],
    ],
  );
  const ranges = cellsOf(text, "Ranges");
  assert.equal(
    ranges.map((cells) => [cells[0], cells[4], cells[6], cells.at(-2)]),
    [
      ["[3]", "1", "linearizable", "1,353"],
      ["[6]", "1", "serializable", "2,909"],
      ["[5]", "100", "linearizable", "*141,578"],
      ["[1]", "100", "serializable", "*185,758"],
    ],
  );
  assert.ok(tableFormat.render(quickstart(), OPTIONS).includes(text));
});

test("both consistencies of one run are in one table", () => {
  const text = render(rangeResultFixture(["linearizable", "serializable"]));
  assert.equal(
    cellsOf(text, "Ranges").map((cells) => cells[5]),
    ["linearizable", "serializable"],
  );
});

test("tables with wide figures fit 120 columns, with the numbers right-aligned", () => {
  const results = quickstart();
  for (const { operations, server } of results) {
    for (const operation of operations) {
      operation.throughputPerSec = 185_758;
      operation.serviceTime.p50Ms = 0.053;
      operation.serviceTime.p99Ms = 1390;
    }
    for (const member of server) member.rssMeanBytes = 1.1e9;
  }
  const lines = tableFormat.render(results, OPTIONS).split("\n");
  const rules = lines.filter((line) => line.startsWith("─"));
  assert.ok(rules.length >= 5);
  for (const rule of rules) assert.ok(rule.length <= 120, `${rule.length} columns`);
  const rows = lines.filter((line) => line.includes("185,758  "));
  const ends = rows.map((line) => line.indexOf("185,758") + 7);
  assert.ok(rows.length >= 7);
  assert.ok(new Set(ends).size <= 2, "one column in each of the two tables");
});

test("in a narrow terminal columns become rows", () => {
  const text = tableFormat.render([resultFixture()], { color: false, widthColumns: 60 });
  const lines = sectionOf(text, "Puts");
  for (const line of lines.filter((each) => !each.startsWith("Ratio:"))) {
    assert.ok(line.length <= 60, line);
  }
  assert.ok(lines.some((line) => /^Average write QPS +40,000$/.test(line)));
});

test("published figures are printed as separate rows, without a ratio", () => {
  const results = publishedRows().map(({ result }) => result);
  const text = tableFormat.render(results, OPTIONS);
  const rows = [...cellsOf(text, "Puts"), ...cellsOf(text, "Ranges")];
  const rates = rows.map((cells) => cells[7]);
  for (const { operation } of publishedRows()) {
    assert.ok(rates.includes(operation.throughputPerSec!.toLocaleString("en-US")));
  }
  assert.not.match(text, /Pub-|Ratio/);
  assert.match(text, "breaks Little's law");
  assert.not.match(text, "Measured by");
});

test.run();
