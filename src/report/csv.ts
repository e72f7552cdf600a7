/**
 * Renders `--output csv`: the intervals, one line for each operation and interval, quoted as in RFC
 * 4180 (with plain newlines). A figure that could not be had is an empty field; a text that a
 * spreadsheet would take for a formula has an apostrophe before it.
 */
import type { FailoverReport } from "../failover/report-schema.ts";
import type { Interval } from "../result/schema.ts";
import { csvField, csvText } from "./csv-field.ts";
import { eventsWithin } from "./events-within.ts";
import { boundsOf, dataFiguresOf, failoverFigures } from "./failover/figures.ts";
import type { ReportFormat } from "./format.ts";

/** Each column by its name; of a latency with its clock. */
const COLUMNS = [
  ["startSeconds", "startSeconds"],
  ["durationSeconds", "durationSeconds"],
  ["succeeded", "succeeded"],
  ["failed", "failed"],
  ["serviceMinMs", "minMs"],
  ["serviceMeanMs", "meanMs"],
  ["serviceP50Ms", "p50Ms"],
  ["serviceP99Ms", "p99Ms"],
  ["serviceMaxMs", "maxMs"],
  ["responseMinMs", "responseMinMs"],
  ["responseMeanMs", "responseMeanMs"],
  ["responseP50Ms", "responseP50Ms"],
  ["responseP99Ms", "responseP99Ms"],
  ["responseMaxMs", "responseMaxMs"],
  ["receivedKeys", "receivedKeys"],
  ["receivedBytes", "receivedBytes"],
] as const satisfies [string, keyof Interval][];

/** What a figure that is empty since requests have no latency is at least. */
const BOUND_COLUMNS = [
  ["serviceMeanAtLeastMs", "meanMs"],
  ["serviceP50AtLeastMs", "p50Ms"],
  ["serviceP99AtLeastMs", "p99Ms"],
  ["serviceMaxAtLeastMs", "maxMs"],
  ["responseMeanAtLeastMs", "responseMeanMs"],
  ["responseP50AtLeastMs", "responseP50Ms"],
  ["responseP99AtLeastMs", "responseP99Ms"],
  ["responseMaxAtLeastMs", "responseMaxMs"],
] as const;

export const csvFormat: ReportFormat = {
  name: "csv",
  render(results) {
    const names = [...COLUMNS, ...BOUND_COLUMNS].map(([name]) => name);
    const lines = [["resultId", "operation", ...names, "events"]];
    for (const { id, operations, byEndpoint, moments } of results) {
      for (const { name, intervals } of [...operations, ...byEndpoint]) {
        for (const interval of intervals) {
          const figures = COLUMNS.map(([, field]) => String(interval[field] ?? ""));
          const bounds = BOUND_COLUMNS.map(([, field]) => String(interval.atLeast?.[field] ?? ""));
          const { startSeconds, durationSeconds } = interval;
          const named = eventsWithin(moments, startSeconds, startSeconds + durationSeconds);
          lines.push([
            csvText(id),
            csvText(name),
            ...figures,
            ...bounds,
            csvText(named.join("; ")),
          ]);
        }
      }
    }
    return text(lines);
  },
  renderFailover,
};

/**
 * A line for each figure of each trial, and for each sum over all of them, whose trial is empty. What was
 * not over when its run ended has no value, and what it is at least.
 */
function renderFailover(report: FailoverReport): string {
  const place = ["failoverId", "trial", "operation", "clientsOn"];
  const header = [...place, "figure", "unit", "value", "atLeast"];
  const ofTrials = failoverFigures(report).flatMap(({ operation, role, name, unit, figure }) =>
    figure.values.map((value, at) => {
      const of = [csvText(operation ?? ""), role ?? "", name, unit];
      const text = String(value ?? "");
      const isBound = value !== null && boundsOf(figure).includes(value);
      return [csvText(report.id), String(at + 1), ...of, ...(isBound ? ["", text] : [text, ""])];
    }),
  );
  const sums = dataFiguresOf(report).map(({ name, unit, value }) => {
    return [csvText(report.id), "", "", "", name, unit, String(value), ""];
  });
  return text([header, ...ofTrials, ...sums]);
}

function text(lines: readonly (readonly string[])[]): string {
  return lines.map((fields) => `${fields.map(csvField).join(",")}\n`).join("");
}
