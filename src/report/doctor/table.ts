/** A doctor's report as a user reads it in a terminal. */

import { subjectOf } from "../../doctor/principal.ts";
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { type Paint, paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import { widthOf, wrapToWidth } from "../../text/width.ts";
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

/** Of tables in files and pipes, which editors and logs show. */
const WIDTH_WITHOUT_TERMINAL = 120;

/** In a terminal no line is wider than it, but for commands and words that are to be copied whole. */
export function renderDoctorTable(report: DoctorReport, options: ReportOptions): string {
  const { widthColumns } = options;
  const paint = paintFor(options.color);
  const inTables = { ...options, widthColumns: widthColumns ?? WIDTH_WITHOUT_TERMINAL };
  const { verdict, sentence, nextCommand } = report.principal;
  const sections = [
    [
      `${paint.bold(printable(titleOf(report)))}: ${paint.bold(toned(paint, verdict))}`,
      ...wrapped(printable(sentence), widthColumns).map(paint.bold),
      ...(nextCommand === null ? [] : [`To look further: ${printable(nextCommand)}`]),
      ...whatWasDone(report).flatMap((line) => wrapped(printable(line), widthColumns)),
    ].join("\n"),
    renderTableSection(causesSection(report, paint), inTables, paint),
    badBlock(badFindings(report), widthColumns, paint),
    ...(report.members.length === 0
      ? []
      : [renderTableSection(membersSection(report), inTables, paint)]),
    ...report.advice.map(({ what, lines }) =>
      [
        ...wrapped(printable(what), widthColumns).map(paint.bold),
        ...lines.map((line) => `  ${printable(line)}`),
      ].join("\n"),
    ),
    report.notes.flatMap((note) => wrapped(`Note: ${printable(note)}`, widthColumns)).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** A paragraph in lines, those after its first one indented. */
function wrapped(text: string, widthColumns: number | null, indent = ""): string[] {
  if (widthColumns === null) return [`${indent}${text}`];
  const [first, ...rest] = wrapToWidth(text, widthColumns - indent.length - 2);
  return [`${indent}${first}`, ...rest.map((line) => `${indent}  ${line}`)];
}

/** Three lines each, since as a table they are wider than a terminal. */
function badBlock(bad: readonly Finding[], widthColumns: number | null, paint: Paint): string {
  if (bad.length === 0) return "";
  const lines = bad.flatMap((each) => {
    const { cause, member, verdict, confidence, what, figure, bound, nextCommand } = each;
    const further = nextCommand === null ? null : `to look further: ${printable(nextCommand)}`;
    const limit = bound === null ? null : `bound: ${printable(bound)}`;
    const inOne = [limit, further].filter((each) => each !== null).join("; ");
    const fits = widthColumns === null || widthOf(inOne) + 2 <= widthColumns;
    return [
      `${printable(subjectOf(cause, member))}: ${toned(paint, verdict)}, ${confidence} confidence`,
      ...wrapped(printable(`${what}: ${figure}`), widthColumns, "  "),
      ...(fits
        ? [inOne === "" ? [] : [`  ${inOne}`]]
        : [
            limit === null ? [] : wrapped(limit, widthColumns, "  "),
            further === null ? [] : [`  ${further}`],
          ]
      ).flat(),
    ];
  });
  return [paint.bold(BAD_TITLE), ...lines].join("\n");
}
