/** A doctor's report as GitHub shows it. */
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { markdownOfSection, markdownSections, markdownText } from "../markdown-text.ts";
import { doctorSections, titleOf, verdictLine, whatWasDone } from "./words.ts";

export function renderDoctorMarkdown(report: DoctorReport): string {
  const { nextCommand } = report.principal;
  return markdownSections([
    `**${markdownText(titleOf(report))}: ${markdownText(verdictLine(report))}**`,
    nextCommand === null ? "" : `To look further: ${markdownText(nextCommand)}`,
    whatWasDone(report).map(markdownText).join("  \n"),
    ...doctorSections(report, paintFor(false)).map(markdownOfSection),
    ...report.advice.map(({ what, lines }) => {
      return `### ${markdownText(what)}\n\n${lines.map(codeOf).join("\n")}`;
    }),
    report.notes.map((note) => `- ${markdownText(note)}`).join("\n"),
  ]);
}

/** A line of code, whatever is in it. */
function codeOf(line: string): string {
  return `    ${printable(line)}`;
}
