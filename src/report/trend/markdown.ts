/** Renders a trend as GitHub shows it, for a job's summary. */
import type { Trend } from "../../compare/trend/schema.ts";
import { markdownSections, markdownTable, markdownText } from "../markdown-text.ts";
import {
  alarmText,
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

export function renderTrendMarkdown(trend: Trend): string {
  const changes = changeRows(trend).map((row) => [
    segmentLabel(trend, row.series.segment),
    changedPointText(row),
    commitText(row),
    row.series.operation,
    seriesMetric(row.series),
    row.series.cell,
    sizeText(row),
    withinText(row),
    proofText(row),
  ]);
  const series = trend.series.map((each) => [
    segmentLabel(trend, each.segment),
    each.operation,
    seriesMetric(each),
    each.cell,
    outliersText(each),
    alarmText(each),
    String(each.points.length),
    levelText(each),
  ]);
  return markdownSections([
    `**${markdownText(titleOf(trend))}: ${markdownText(verdictLine(trend))}**`,
    trend.segments
      .map((each, at) => markdownText(`${segmentLabel(trend, at)} ${segmentText(each)}`))
      .join("  \n"),
    changes.length === 0
      ? "No changes."
      : markdownTable(
          ["segment", "point", "commit", "operation", "metric", "load", "change", "within", "p"],
          changes,
          6,
        ),
    markdownTable(
      ["segment", "operation", "metric", "load", "outliers", "alarm", "points", "ratio"],
      series,
      6,
    ),
    remarks(trend)
      .map((remark) => `- ${markdownText(remark)}`)
      .join("\n"),
  ]);
}
