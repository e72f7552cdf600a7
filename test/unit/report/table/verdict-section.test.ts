/** The validity of a run in a table: the client's cost, thresholds, the verdict and notes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderPublishedTables, tableFormat } from "../../../../src/report/table.ts";
import {
  operationFixture,
  planFixture,
  resultFixture,
  thresholdFixture,
} from "../../../fixtures/result-fixture.ts";
import { cellsOf, OPTIONS, paced, render } from "./rendered-table.ts";

test("the client's own cost has its line", () => {
  const text = render(
    resultFixture({ client: { dispatchLagP50Ms: 0.054, dispatchLagP99Ms: 0.2 } }),
  );
  assert.equal(cellsOf(text, "Client"), [
    ["1", "5.25 µs", "21%", "37%", "1.50 ms", "54.0 µs", "200 µs", "91.0 MB"],
  ]);
});

test("thresholds, the verdict with its reasons, and notes are printed", () => {
  const threshold = (expression: string, metric: "p99" | "qps" | "errors", bound: number) => ({
    ...{ expression, metric, bound, series: null },
    comparison: "<" as const,
  });
  const text = render(
    resultFixture({
      status: "interrupted",
      verdict: { kind: "client-limited", reasons: ["A worker was 97% busy."] },
      notes: ["Only 3 connections carry clients."],
      thresholds: [
        thresholdFixture("p99<20ms", { actual: 52.6 }),
        thresholdFixture("qps<1M", { actual: 40_000, passed: true }),
        thresholdFixture("errors<1%", { actual: 0.002, passed: true }),
        // As in results from before thresholds had outcomes.
        thresholdFixture("p99<30ms", { tooFewSamples: [{ operation: "put", samples: 40 }] }),
        thresholdFixture("p99<40ms"),
        thresholdFixture("p99<50ms", { outcome: "held", passed: true, atMost: 47 }),
        thresholdFixture("p99<60ms", { outcome: "broken", atLeast: 77 }),
        thresholdFixture("errors<99%", { outcome: "held", atLeast: 0.02, atMost: 0.5 }),
        thresholdFixture("p99<70ms", {
          ...{ outcome: "undecided", atLeast: 30, atMost: 90 },
          reason: "p99 needs 1000 samples, put has 40",
        }),
      ],
      plan: planFixture({
        judge: {
          thresholds: [
            threshold("p99<20ms", "p99", 20),
            threshold("qps<1M", "qps", 1e6),
            threshold("errors<1%", "errors", 0.01),
            threshold("p99<30ms", "p99", 30),
            threshold("p99<50ms", "p99", 50),
            threshold("p99<60ms", "p99", 60),
            threshold("errors<99%", "errors", 0.99),
            threshold("p99<70ms", "p99", 70),
          ],
        },
      }),
    }),
  );
  const lines = text.split("\n");
  for (const line of [
    "Threshold p99<20ms: FAILED (52.6 ms)",
    "Threshold qps<1M: passed (40,000/s)",
    "Threshold errors<1%: passed (0.2%)",
    "Threshold p99<30ms: undecided (could not be measured: p99 needs 1,000 samples, put has 40)",
    "Threshold p99<40ms: undecided (could not be measured)",
    "Threshold p99<50ms: passed (at most 47.0 ms)",
    "Threshold p99<60ms: FAILED (at least 77.0 ms)",
    "Threshold errors<99%: passed (2.0% to 50%)",
    "Threshold p99<70ms: undecided (30.0 ms to 90.0 ms: p99 needs 1000 samples, put has 40)",
    "Verdict: client-limited (interrupted): A worker was 97% busy.",
    "Note: Only 3 connections carry clients.",
  ]) {
    assert.ok(lines.includes(line), `${line}\nis not in\n${text}`);
  }
});

test("Little's law is mentioned only where it is broken", () => {
  assert.not.match(render(resultFixture()), "Little's law");
  const broken = resultFixture({
    operations: [
      operationFixture({ littlesLaw: { expectedMeanMs: 5.4, measuredMeanMs: 2.2, ratio: 0.41 } }),
    ],
  });
  assert.match(render(broken), /Little's law does not hold for put: .*5\.40 ms.*2\.20 ms/);
});

test("lines common to all runs are printed once, and lines of some runs with their labels", () => {
  const noted = resultFixture({ notes: ["Idle connections."] });
  const text = render(noted, resultFixture(), noted);
  assert.is(text.split("Measured by").length, 2);
  assert.is(text.split("Target:").length, 2);
  assert.ok(text.split("\n").includes("[1] [3] Note: Idle connections."), text);
  assert.ok(text.split("\n").includes("Verdict: valid"), text);
});

test("one line has the machine and the etcd of the run", () => {
  const line = render(resultFixture()).trimEnd().split("\n").at(-1)!;
  for (const fact of [
    "2 x Testing CPU 3000",
    "8.00 GB memory",
    "Debian GNU/Linux 12 x64",
    "v20.19.0",
    "etcd 3.5.30",
    "ext4",
  ]) {
    assert.match(line, fact);
  }
});

test("colour is printed only on request, and changes nothing else", () => {
  const plain = render(paced(), resultFixture());
  assert.not.match(plain, "\x1b");
  const colored = tableFormat.render([paced(), resultFixture()], { ...OPTIONS, color: true });
  assert.match(colored, "\x1b[");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are removed here
  assert.is(colored.replace(/\x1b\[\d+m/g, ""), plain);
});

test("no results give no text", () => {
  assert.is(render(), "");
  assert.is(renderPublishedTables([], OPTIONS), "");
});

test("a run that is too short has no ratio to the published figure, and the table gives the reason", () => {
  const short = resultFixture({
    operations: [operationFixture({ requests: { succeeded: 1_000 } })],
  });
  const brief = resultFixture({ operations: [operationFixture({ durationSeconds: 0.4 })] });
  for (const result of [short, brief]) {
    const text = renderPublishedTables([result], { color: false, widthColumns: null });
    assert.not.match(text, /\d+\.\d+x/);
    assert.match(text, /^No ratio for runs of less than 1 s or fewer than 10 requests a client/m);
  }
  const full = renderPublishedTables([resultFixture()], { color: false, widthColumns: null });
  assert.match(full, /\d+\.\d+x/);
});

test.run();
