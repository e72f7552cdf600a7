/** Owns `--output json`: the data itself, or an array of several results; what bench reads again. */
import type { ReportFormat } from "./format.ts";

export const jsonFormat: ReportFormat = {
  name: "json",
  render: (results) => text(results.length === 1 ? results[0] : results),
  renderComparison: text,
  renderTrend: text,
  renderListing: text,
};

function text(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
