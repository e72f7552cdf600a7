/** A soak's report as GitHub shows it. */
import type { SoakReport } from "../../soak/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { markdownOfSection, markdownSections, markdownText } from "../markdown-text.ts";
import { soakSections, titleOf, verdictLine, whatWasRun } from "./words.ts";

export function renderSoakMarkdown(report: SoakReport): string {
  return markdownSections([
    `**${markdownText(titleOf(report))}: ${markdownText(verdictLine(report))}**`,
    whatWasRun(report).map(markdownText).join("  \n"),
    ...soakSections(report, paintFor(false)).map(markdownOfSection),
    report.notes.map((note) => `- ${markdownText(note)}`).join("\n"),
  ]);
}
