/** A doctor's report as a user reads it in a terminal. */

import { subjectOf } from "../../doctor/principal.ts";
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { type Paint, paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import {
  BAD_TITLE,
  badFindings,
  causesSection,
  type Finding,
  membersSection,
  titleOf,
  toned,
  whatWasDone,
} from "./words.ts";

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
    renderTableSection(causesSection(report, paint), options, paint),
    badBlock(badFindings(report), paint),
    ...(report.members.length === 0
      ? []
      : [renderTableSection(membersSection(report), options, paint)]),
    ...report.advice.map(({ what, lines }) =>
      [paint.bold(printable(what)), ...lines.map((line) => `  ${printable(line)}`)].join("\n"),
    ),
    report.notes.map((note) => `Note: ${printable(note)}`).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** Three lines each, since as a table they are wider than a terminal. */
function badBlock(bad: readonly Finding[], paint: Paint): string {
  if (bad.length === 0) return "";
  const lines = bad.flatMap((each) => {
    const { cause, member, verdict, confidence, what, figure, bound, nextCommand } = each;
    const further = [
      ...(bound === null ? [] : [`bound: ${bound}`]),
      ...(nextCommand === null ? [] : [`to look further: ${nextCommand}`]),
    ].join("; ");
    return [
      `${printable(subjectOf(cause, member))}: ${toned(paint, verdict)}, ${confidence} confidence`,
      `  ${printable(`${what}: ${figure}`)}`,
      ...(further === "" ? [] : [`  ${printable(further)}`]),
    ];
  });
  return [paint.bold(BAD_TITLE), ...lines].join("\n");
}
