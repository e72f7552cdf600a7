/**
 * Owns `--output csv`: the intervals, one line for each operation and interval, as RFC 4180 quotes
 * them (with plain newlines). A figure that could not be had is an empty field; a text that a
 * spreadsheet would take for a formula has an apostrophe before it.
 */
import { momentsWithin } from "../result/moments.ts";
import type { Interval } from "../result/schema.ts";
import { csvField, csvText } from "./csv-field.ts";
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

export const csvFormat: ReportFormat = {
  name: "csv",
  render(results) {
    const lines = [["resultId", "operation", ...COLUMNS.map(([name]) => name), "moments"]];
    for (const { id, operations, moments } of results) {
      for (const { name, intervals } of operations) {
        for (const interval of intervals) {
          const figures = COLUMNS.map(([, field]) => String(interval[field] ?? ""));
          const { startSeconds, durationSeconds } = interval;
          const named = momentsWithin(moments, startSeconds, startSeconds + durationSeconds);
          lines.push([csvText(id), csvText(name), ...figures, csvText(named.join("; "))]);
        }
      }
    }
    return lines.map((fields) => `${fields.map(csvField).join(",")}\n`).join("");
  },
};
