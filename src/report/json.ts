/** Owns `--output json`: the result itself, or an array of several; what `bench report` reads. */
import type { ReportFormat } from "./format.ts";

export const jsonFormat: ReportFormat = {
  name: "json",
  render(results) {
    return `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`;
  },
};
