/** A doctor's report as a user reads it in a terminal. */
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import { doctorSections, titleOf, toned, whatWasDone } from "./words.ts";

export function renderDoctorTable(report: DoctorReport, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const { verdict, sentence, nextCommand } = report.principal;
  const sections = [
    [
      `${paint.bold(printable(titleOf(report)))}: ${paint.bold(toned(paint, verdict))}`,
      paint.bold(printable(sentence)),
      ...(nextCommand === null ? [] : [`To look further: ${printable(nextCommand)}`]),
      ...whatWasDone(report).map(printable),
    ].join("\n"),
    ...doctorSections(report, paint).map((each) => renderTableSection(each, options, paint)),
    ...report.advice.map(({ what, lines }) =>
      [paint.bold(printable(what)), ...lines.map((line) => `  ${printable(line)}`)].join("\n"),
    ),
    report.notes.map((note) => `Note: ${printable(note)}`).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
