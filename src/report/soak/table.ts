/** A soak's report as a user reads it in a terminal. */
import type { SoakReport } from "../../soak/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import { soakSections, titleOf, verdictLine, whatWasRun } from "./words.ts";

export function renderSoakTable(report: SoakReport, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const { good, bad, warning } = paint;
  const tones = { steady: good, drifting: bad, failed: bad, undecided: warning };
  const tone = tones[report.verdict.kind];
  const sections = [
    [
      `${paint.bold(titleOf(report))}: ${paint.bold(tone(printable(verdictLine(report))))}`,
      ...whatWasRun(report).map(printable),
    ].join("\n"),
    ...soakSections(report, paint).map((each) => renderTableSection(each, options, paint)),
    report.notes.map((note) => `Note: ${printable(note)}`).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
