/** The registry of formats, and the two formats for machines. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { canRender } from "../../../src/report/format.ts";
import { findFormat, REPORT_FORMATS } from "../../../src/report/formats.ts";
import { parseResults } from "../../../src/saved/parse.ts";
import { formatNamed, LOADED_FORMATS } from "../../fixtures/formats.ts";
import {
  operationFixture,
  rangeResultFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };

test("every format for readers says that Little's law does not hold", () => {
  const littlesLaw = { expectedMeanMs: 10, measuredMeanMs: 5, ratio: 0.5 };
  const result = resultFixture({ operations: [operationFixture({ littlesLaw })] });
  for (const name of ["table", "summary", "markdown", "html"]) {
    const text = formatNamed(name).render([result], OPTIONS).replaceAll("&#39;", "'");
    assert.match(text, /Little's law does not hold for put: clients over rate is 10\.0 ms, /, name);
  }
});

test("each format is found by its name", () => {
  assert.equal(
    REPORT_FORMATS.map(({ name }) => name),
    [
      "table",
      "summary",
      "markdown",
      "html",
      "json",
      "csv",
      "sample",
      "members",
      "agents",
      "perfdash",
      "junit",
      "benchstat",
      "github-smaller",
      "github-bigger",
      "bencher",
      "openmetrics",
      "hgrm",
      "hlog",
    ],
  );
  for (const format of REPORT_FORMATS) assert.is(findFormat(format.name), format);
});

test("each format can show exactly the kinds that the registry lists", async () => {
  const kinds = [
    "results",
    "comparison",
    "trend",
    "failover",
    "soak",
    "memory",
    "doctor",
    "listing",
  ] as const;
  for (const { name, shows, load } of REPORT_FORMATS) {
    const format = await load();
    assert.is(format.name, name);
    assert.equal(
      kinds.filter((kind) => canRender(format, kind)),
      [...shows],
      name,
    );
  }
});

test("for an unknown format the error names the nearest", () => {
  for (const [given, meant] of [
    ["jsno", "json"],
    ["CSV", "csv"],
    ["tabel", "table"],
  ] as const) {
    assert.throws(
      () => findFormat(given),
      (thrown: unknown) =>
        thrown instanceof BenchError && thrown.message.includes(`did you mean ${meant}?`),
    );
  }
});

test("every format ends its text in one newline", () => {
  for (const format of LOADED_FORMATS) {
    for (const results of [[resultFixture()], [resultFixture(), rangeResultFixture()]]) {
      assert.match(format.render(results, OPTIONS), /[^\n]\n$/, format.name);
    }
  }
});

test("json is one result, or an array of several, and both are read again", () => {
  const one = resultFixture();
  const two = rangeResultFixture(["linearizable", "serializable"]);
  const json = formatNamed("json");
  assert.equal(JSON.parse(json.render([one], OPTIONS)), one);
  assert.equal(parseResults(json.render([one], OPTIONS), "x"), [one]);
  assert.equal(parseResults(json.render([one, two], OPTIONS), "x"), [one, two]);
});

test("csv has a line for each operation and interval, and empty fields for nulls", () => {
  const result = rangeResultFixture(["linearizable", "serializable"]);
  const [interval] = result.operations[0]!.intervals;
  result.operations[1]!.intervals = [
    { ...interval!, p99Ms: null },
    { ...interval!, startSeconds: 1, responseP99Ms: 99.5 },
  ];
  const lines = formatNamed("csv").render([result, resultFixture()], OPTIONS).trimEnd().split("\n");
  const rows = lines.map((line) => line.split(","));
  assert.equal(rows[0], [
    "resultId",
    "operation",
    "startSeconds",
    "durationSeconds",
    "succeeded",
    "failed",
    "serviceMinMs",
    "serviceMeanMs",
    "serviceP50Ms",
    "serviceP99Ms",
    "serviceMaxMs",
    "responseMinMs",
    "responseMeanMs",
    "responseP50Ms",
    "responseP99Ms",
    "responseMaxMs",
    "receivedKeys",
    "receivedBytes",
    "serviceMeanAtLeastMs",
    "serviceP50AtLeastMs",
    "serviceP99AtLeastMs",
    "serviceMaxAtLeastMs",
    "responseMeanAtLeastMs",
    "responseP50AtLeastMs",
    "responseP99AtLeastMs",
    "responseMaxAtLeastMs",
    "events",
  ]);
  assert.equal(
    rows.slice(1).map(([id, operation, start, , , , , , , p99, , , , , response]) => {
      return [id, operation, start, p99, response];
    }),
    [
      [result.id, "range-linearizable", "0", "51.2", ""],
      [result.id, "range-serializable", "0", "", ""],
      [result.id, "range-serializable", "1", "51.2", "99.5"],
      [result.id, "put", "0", "51.2", ""],
    ],
  );
});

test("csv quotes texts that would break its columns", () => {
  const result = resultFixture({ operations: [operationFixture({ name: 'a "b", c' })] });
  const csv = formatNamed("csv").render([result], OPTIONS);
  assert.match(csv, `${result.id},"a ""b"", c",0,`);
});

test("the name that another tool has for a format leads to ours, and not to one that looks like it", () => {
  for (const [name, ours] of [
    ["simple", "table"],
    ["md", "markdown"],
    ["Prometheus", "openmetrics"],
    ["jsn", "json"],
  ] as const) {
    assert.throws(
      () => findFormat(name),
      new RegExp(`no format "${name}"; did you mean ${ours}\\?`),
    );
  }
  assert.throws(() => findFormat("prometheus", "trend"), /take one of \(table/);
});

test.run();
