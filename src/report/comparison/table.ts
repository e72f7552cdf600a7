/** Renders a comparison for a terminal. */
import { withCommonNames } from "../../compare/common-names.ts";
import type {
  CellComparison,
  Comparison,
  MetricComparison,
  MetricVerdict,
} from "../../compare/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type Paint, paintFor } from "../../tables/paint.ts";
import { renderTableSection, type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import {
  detectableLines,
  fractionText,
  intervalText,
  metricVerdictWords,
  metricWords,
  noiseLines,
  pValueText,
  ratioText,
  sideFigure,
  sideText,
  verdictSentence,
} from "./words.ts";

const LEGEND =
  "Ratio: head over base, typical of the pairs (Hodges-Lehmann), with its 95% interval, and so not the " +
  "ratio of the medians, by which nothing is judged; p: exact " +
  "signed-rank test, adjusted. * is a gate: the verdict is made of these.";

export function renderComparisonTable(given: Comparison, options: ReportOptions): string {
  const comparison = withCommonNames(given);
  const paint = paintFor(options.color);
  const { base, head, isCanary, cells, notes, hosts, verdict } = comparison;
  const title = isCanary ? "The same against itself" : "Head against base";
  const sections = [
    [
      paint.bold(title),
      printable(sideText("base", base)),
      ...(isCanary ? [] : [printable(sideText("head", head))]),
    ].join("\n"),
    ...cells.map((cell) => renderTableSection(cellSection(cell, paint), options, paint)),
    [
      ...(cells.some(({ design }) => design === "pairs") ? [LEGEND] : []),
      ...detectableLines(comparison).map(printable),
      ...noiseLines(comparison).map(printable),
    ].join("\n"),
    [
      `Verdict: ${paint.bold(painted(verdict.kind, printable(verdictSentence(comparison)), paint))}`,
      ...notes.map((note) => `Note: ${printable(note)}`),
      ...hosts.map((host) => `On ${printable(host)}`),
    ].join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** The metrics of one load; cells and remarks are painted. */
export function cellSection(cell: CellComparison, paint: Paint): TableSection {
  const hasPairs = cell.design === "pairs";
  // The typical ratio of pairs is none of the medians, which each are of another run.
  const of = (side: string) => (cell.design === "single" ? [side] : [side, "median"]);
  const columns: Column<MetricComparison>[] = [
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation) },
    {
      header: ["metric"],
      align: "left",
      cell: (metric) => `${metricWords(metric)}${metric.isGate ? " *" : ""}`,
    },
    { header: of("base"), cell: (metric) => sideFigure(metric, "base") },
    { header: of("head"), cell: (metric) => sideFigure(metric, "head") },
    { header: hasPairs ? ["ratio", "of pairs"] : ["ratio"], cell: ({ ratio }) => ratioText(ratio) },
    { header: ["better"], align: "left", cell: ({ better }) => better },
  ];
  if (hasPairs) {
    columns.push(
      { header: ["95% interval"], cell: ({ interval95 }) => intervalText(interval95) },
      { header: ["p"], cell: ({ adjustedPValue }) => pValueText(adjustedPValue) },
      { header: ["least", "effect"], cell: ({ leastEffect }) => fractionText(leastEffect) },
      {
        header: ["verdict"],
        align: "left",
        cell: (metric) => painted(metric.verdict, metricVerdictWords(metric), paint),
      },
    );
  }
  const heading = hasPairs ? `${cell.name}, ${formatNoun(cell.pairs, "pair")}` : cell.name;
  const ungated = cell.metrics.flatMap(({ operation, metric, reason }) =>
    reason === null ? [] : [`${operation} ${metric} is no gate here: ${reason}.`],
  );
  return tableSection(printable(heading), columns, cell.metrics, {
    remarks: [
      ...ungated.map(printable),
      ...cell.invalid.map((reason) => paint.bad(`Invalid: ${printable(reason)}.`)),
    ],
  });
}

function painted(verdict: MetricVerdict | null, text: string, paint: Paint): string {
  if (verdict === "slower" || verdict === "invalid") return paint.bad(text);
  if (verdict === "faster" || verdict === "no-change") return paint.good(text);
  return verdict === "undecided" ? paint.warning(text) : text;
}
