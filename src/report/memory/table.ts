/** A report on memory as a user reads it in a terminal. */
import type { MemoryReport } from "../../memory/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import type { ReportOptions } from "../format.ts";
import { memorySections, titleOf, whatWasRun } from "./words.ts";

export function renderMemoryTable(report: MemoryReport, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const sections = [
    [paint.bold(titleOf(report)), ...whatWasRun(report)].join("\n"),
    ...memorySections(report).map((each) => renderTableSection(each, options, paint)),
    report.notes.map((note) => `Note: ${note}`).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
