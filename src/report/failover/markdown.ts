/** A failover report as GitHub shows it. */
import type { FailoverReport } from "../../failover/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { markdownOfSection, markdownSections, markdownText } from "../markdown-text.ts";
import { failoverSections, titleOf, verdictLine, whatWasRun } from "./words.ts";

export function renderFailoverMarkdown(report: FailoverReport): string {
  return markdownSections([
    `**${markdownText(titleOf(report))}: ${markdownText(verdictLine(report))}**`,
    whatWasRun(report).map(markdownText).join("  \n"),
    ...failoverSections(report, paintFor(false)).map(markdownOfSection),
    report.notes.map((note) => `- ${markdownText(note)}`).join("\n"),
  ]);
}
