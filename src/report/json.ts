/**
 * Renders `--output json`: the data itself, or an array of several results, which bench can read again.
 */
import { jsonText } from "../result/json-text.ts";
import type { ReportFormat } from "./format.ts";

export const jsonFormat: ReportFormat = {
  name: "json",
  render: (results) => jsonText(results.length === 1 ? results[0] : results),
  renderComparison: jsonText,
  renderTrend: jsonText,
  renderFailover: jsonText,
  renderSoak: jsonText,
  renderMemory: jsonText,
  renderDoctor: jsonText,
  renderListing: jsonText,
};
