/** A report on memory as GitHub shows it. */
import type { MemoryReport } from "../../memory/report-schema.ts";
import { markdownOfSection, markdownSections, markdownText } from "../markdown-text.ts";
import { memorySections, titleOf, whatWasRun } from "./words.ts";

export function renderMemoryMarkdown(report: MemoryReport): string {
  return markdownSections([
    `**${markdownText(titleOf(report))}**`,
    whatWasRun(report).map(markdownText).join("  \n"),
    ...memorySections(report).map(markdownOfSection),
    report.notes.map((note) => `- ${markdownText(note)}`).join("\n"),
  ]);
}
