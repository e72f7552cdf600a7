/**
 * Owns `--output csv`: the intervals, one line for each operation and interval, as RFC 4180 quotes
 * them (with plain newlines). A figure that could not be had is an empty field.
 */
import { momentsWithin } from "../result/moments.ts";
import type { Interval } from "../result/schema.ts";
import type { ReportFormat } from "./format.ts";

const INTERVAL_FIELDS = [
  "startSeconds",
  "durationSeconds",
  "succeeded",
  "failed",
  "minMs",
  "meanMs",
  "p50Ms",
  "p99Ms",
  "maxMs",
  "responseP99Ms",
  "receivedKeys",
  "receivedBytes",
] as const satisfies (keyof Interval)[];

export const csvFormat: ReportFormat = {
  name: "csv",
  render(results) {
    const lines = [["resultId", "operation", ...INTERVAL_FIELDS, "moments"]];
    for (const { id, operations, moments } of results) {
      for (const { name, intervals } of operations) {
        for (const interval of intervals) {
          const figures = INTERVAL_FIELDS.map((field) => String(interval[field] ?? ""));
          const { startSeconds, durationSeconds } = interval;
          const named = momentsWithin(moments, startSeconds, startSeconds + durationSeconds);
          lines.push([id, name, ...figures, named.join("; ")]);
        }
      }
    }
    return lines.map((fields) => `${fields.map(quoted).join(",")}\n`).join("");
  },
};

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
