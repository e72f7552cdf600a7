/** A failover report as GitHub shows it. */
import type { FailoverReport } from "../../failover/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { markdownSections, markdownTable, markdownText } from "../markdown-text.ts";
import { failoverSections, titleOf, verdictLine, whatWasRun } from "./words.ts";

export function renderFailoverMarkdown(report: FailoverReport): string {
  return markdownSections([
    `**${markdownText(titleOf(report))}: ${markdownText(verdictLine(report))}**`,
    whatWasRun(report).map(markdownText).join("  \n"),
    ...failoverSections(report, paintFor(false)).flatMap(({ title, grid, remarks }) => [
      `### ${markdownText(title)}`,
      ...(grid === null
        ? []
        : [
            markdownTable(
              grid.columns.map(({ header }) => header.filter((each) => each !== "").join(" ")),
              grid.rows,
              grid.columns.filter(({ align }) => align === "left").length,
            ),
          ]),
      remarks.map(markdownText).join("  \n"),
    ]),
    report.notes.map((note) => `- ${markdownText(note)}`).join("\n"),
  ]);
}
