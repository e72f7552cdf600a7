/** A failover report as a user reads it in a terminal. */
import type { FailoverReport } from "../../failover/report-schema.ts";
import { type Paint, paintFor } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import { failoverSections, titleOf, verdictLine, whatWasRun } from "./words.ts";

export function renderFailoverTable(report: FailoverReport, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const sections = [
    [paint.bold(titleOf(report)), ...whatWasRun(report).map(printable)].join("\n"),
    ...failoverSections(report, paint).map((each) => renderTableSection(each, options, paint)),
    [
      `Verdict: ${paint.bold(toneOf(report, paint)(printable(verdictLine(report))))}`,
      ...report.notes.map((note) => `Note: ${printable(note)}`),
    ].join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}

function toneOf({ verdict }: FailoverReport, paint: Paint): (text: string) => string {
  return { passed: paint.good, failed: paint.bad, incomplete: paint.warning }[verdict.kind];
}
