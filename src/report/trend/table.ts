/** Renders a trend for a terminal. */
import type { Trend, TrendSeries } from "../../compare/trend/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type Paint, paintFor } from "../../tables/paint.ts";
import { renderTableSection, type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import {
  alarmText,
  type ChangeRow,
  changedPointText,
  changeRows,
  commitText,
  levelText,
  outliersText,
  proofText,
  remarks,
  segmentLabel,
  segmentText,
  seriesMetric,
  sizeText,
  titleOf,
  verdictLine,
  withinText,
} from "./words.ts";

const LEGEND =
  "Ratio: head over reference, typical since the last change. Within: where the change lies with a " +
  "likelihood of 95%. p: E-divisive, permutation test. * is a gate: it alarms if its newest level is " +
  "worse than its best.";

export function renderTrendTable(trend: Trend, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const { segments, verdict } = trend;
  const painted = {
    alarm: paint.bad,
    "too-few": paint.warning,
    undecided: paint.warning,
    quiet: paint.good,
  }[verdict.kind];
  const sections = [
    [
      paint.bold(printable(titleOf(trend))),
      ...segments.map((each, at) =>
        [segmentLabel(trend, at), printable(segmentText(each))].join(" ").trimStart(),
      ),
    ].join("\n"),
    ...trendSections(trend, paint).map((each) => renderTableSection(each, options, paint)),
    LEGEND,
    [
      `Verdict: ${paint.bold(painted(printable(verdictLine(trend))))}`,
      ...remarks(trend).map((remark) => `Note: ${printable(remark)}`),
    ].join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** The changes, then the series; cells are painted. */
export function trendSections(trend: Trend, paint: Paint): TableSection[] {
  return [changesSection(trend, paint), seriesSection(trend, paint)];
}

function changesSection(trend: Trend, paint: Paint): TableSection {
  const rows = changeRows(trend);
  const columns: Column<ChangeRow>[] = [
    ...segmentColumn(trend, ({ series }: ChangeRow) => series),
    { header: ["Point"], align: "left", cell: (row) => printable(changedPointText(row)) },
    { header: ["commit"], align: "left", cell: (row) => printable(commitText(row)) },
    { header: ["operation"], align: "left", cell: ({ series }) => printable(series.operation) },
    { header: ["metric"], align: "left", cell: ({ series }) => seriesMetric(series) },
    {
      header: ["change"],
      cell: (row) => {
        if (!row.change.isReported) return sizeText(row);
        return (row.change.direction === "slower" ? paint.bad : paint.good)(sizeText(row));
      },
    },
    { header: ["within"], align: "left", cell: (row) => printable(withinText(row)) },
    { header: ["p"], align: "left", cell: proofText },
    { header: ["load"], align: "left", cell: ({ series }) => printable(series.cell) },
  ];
  return tableSection("Changes", columns, rows, {
    remarks: rows.length === 0 ? ["No changes."] : [],
  });
}

function seriesSection(trend: Trend, paint: Paint): TableSection {
  const columns: Column<TrendSeries>[] = [
    ...segmentColumn(trend, (series: TrendSeries) => series),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation) },
    { header: ["metric"], align: "left", cell: seriesMetric },
    { header: ["points"], cell: ({ points }) => String(points.length) },
    { header: ["ratio"], cell: levelText },
    { header: ["better"], align: "left", cell: ({ better }) => better },
    { header: ["outliers"], align: "left", cell: (series) => printable(outliersText(series)) },
    { header: ["load"], align: "left", cell: ({ cell }) => printable(cell) },
    { header: ["alarm"], align: "left", cell: (series) => paint.bad(alarmText(series)) },
  ];
  return tableSection("Series", columns, trend.series);
}

function segmentColumn<Row>(trend: Trend, seriesOf: (row: Row) => TrendSeries): Column<Row>[] {
  if (trend.segments.length === 1) return [];
  return [
    {
      header: ["segment"],
      align: "left",
      cell: (row) => segmentLabel(trend, seriesOf(row).segment),
    },
  ];
}
