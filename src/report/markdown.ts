/** Renders `--output markdown`: tables as GitHub shows them, for a pull request or a job's summary. */

import { withCommonNames } from "../compare/common-names.ts";
import type { CellComparison, Comparison } from "../compare/schema.ts";
import { isAnyPaced, judgedClock, judgedLatency } from "../result/judged-latency.ts";
import { BROKEN_LAW, brokenLaws } from "../result/law-words.ts";
import type { RunResult } from "../result/schema.ts";
import { searchesOf, shownInFull } from "../result/search.ts";
import { latencyText } from "../tables/latency-text.ts";
import { formatCount, formatRate } from "../tables/number-format.ts";
import { paintFor } from "../tables/paint.ts";
import { thresholdSentence } from "../tables/threshold-words.ts";
import { formatNoun } from "../text/noun.ts";
import {
  detectableLines,
  intervalText,
  metricVerdictWords,
  metricWords,
  noiseLines,
  pValueText,
  ratioText,
  sideFigure,
  sideText,
  verdictSentence,
} from "./comparison/words.ts";
import { renderDoctorMarkdown } from "./doctor/markdown.ts";
import { dominantLine } from "./dominant-cause.ts";
import { renderFailoverMarkdown } from "./failover/markdown.ts";
import type { ReportFormat } from "./format.ts";
import { renderListingMarkdown } from "./listing/markdown.ts";
import {
  markdownOfSection,
  markdownSections,
  markdownTable,
  markdownText,
} from "./markdown-text.ts";
import { renderMemoryMarkdown } from "./memory/markdown.ts";
import { renderSoakMarkdown } from "./soak/markdown.ts";
import { endpointsSection } from "./table/endpoints-section.ts";
import { errorsSection } from "./table/errors-section.ts";
import { searchSection } from "./table/search-section.ts";
import { memberSections, serverSection } from "./table/server-section.ts";
import { slowestSection } from "./table/slowest-section.ts";
import { describeLoad, describeMachine, describeTarget } from "./table/what-was-run.ts";
import { renderTrendMarkdown } from "./trend/markdown.ts";

export const markdownFormat: ReportFormat = {
  name: "markdown",
  render: (results, { hasMembers }) =>
    markdownSections([
      ...shownInFull(results).map((each) => renderResult(each, hasMembers ?? false)),
      ...searchesOf(results).map((each) => markdownOfSection(searchSection(each, paintFor(false)))),
    ]),
  renderComparison: (comparison) =>
    markdownSections([renderComparison(withCommonNames(comparison))]),
  renderTrend: renderTrendMarkdown,
  renderFailover: renderFailoverMarkdown,
  renderSoak: renderSoakMarkdown,
  renderMemory: renderMemoryMarkdown,
  renderDoctor: renderDoctorMarkdown,
  renderListing: renderListingMarkdown,
};

function renderResult(result: RunResult, hasMembers: boolean): string {
  const isPaced = isAnyPaced(result.operations);
  const clock = isPaced ? ["clock"] : [];
  const rows = result.operations.map(({ name, throughputPerSec, requests, ...operation }) => {
    const latency = judgedLatency(operation);
    return [
      name,
      formatRate(throughputPerSec),
      ...(isPaced ? [judgedClock(operation)] : []),
      latencyText(latency, "meanMs"),
      latencyText(latency, "p50Ms"),
      latencyText(latency, "p99Ms"),
      latencyText(latency, "p999Ms"),
      formatCount(requests.failed),
    ];
  });
  const { thresholds } = result;
  const run = { label: "", result };
  const sections = [
    endpointsSection([run]),
    errorsSection([run]),
    slowestSection([run]),
    ...(hasMembers ? [serverSection([run]), ...memberSections([run])] : []),
  ].filter((section) => section !== null);
  const { kind, reasons } = result.verdict;
  return markdownSections([
    `**${markdownText(describeLoad(result))}**`,
    markdownTable(
      ["operation", "requests/s", ...clock, "mean", "p50", "p99", "p99.9", "failed"],
      rows,
      1,
    ),
    ...sections.map(markdownOfSection),
    thresholds
      .map((each) => `- ${markdownText(thresholdSentence(each, result))}`)
      .join("\n")
      .replaceAll(/^- t/gm, "- T"),
    `Verdict: **${kind}**${reasons.length === 0 ? "" : `: ${markdownText(reasons.join("; "))}`}`,
    markdownText(dominantLine(result) ?? ""),
    brokenLaws(result)
      .map((law) => `- ${markdownText(`${BROKEN_LAW} ${law}`)}`)
      .join("\n"),
    result.notes.map((note) => `- Note: ${markdownText(note)}`).join("\n"),
    [describeTarget(result), ...describeMachine(result)].map(markdownText).join("  \n"),
  ]);
}

function renderComparison(comparison: Comparison): string {
  const { base, head, isCanary, cells, notes, hosts } = comparison;
  const sides = [sideText("Base", base), ...(isCanary ? [] : [sideText("Head", head)])];
  return markdownSections([
    `**${isCanary ? "The same against itself" : "Head against base"}: ${markdownText(verdictSentence(comparison))}**`,
    sides.map(markdownText).join("  \n"),
    ...cells.map(renderCell),
    [...detectableLines(comparison), ...noiseLines(comparison), ...notes]
      .map((line) => `- ${markdownText(line)}`)
      .join("\n"),
    hosts.map((host) => `On ${markdownText(host)}`).join("  \n"),
  ]);
}

function renderCell({ name, design, pairs, metrics, invalid }: CellComparison): string {
  const hasPairs = design === "pairs";
  const median = design === "single" ? "" : " (median)";
  const ratio = hasPairs ? "ratio of pairs" : "ratio";
  const head = ["operation", "metric", `base${median}`, `head${median}`, ratio, "better"];
  if (hasPairs) head.push("95% interval", "p", "verdict");
  const rows = metrics.map((metric) => {
    const row = [
      metric.operation,
      `${metricWords(metric)}${metric.isGate ? " (gate)" : ""}`,
      sideFigure(metric, "base"),
      sideFigure(metric, "head"),
      ratioText(metric.ratio),
      metric.better,
    ];
    if (!hasPairs) return row;
    const verdict = metricVerdictWords(metric);
    const told = metric.isGate ? { bold: verdict } : verdict;
    return [...row, intervalText(metric.interval95), pValueText(metric.adjustedPValue), told];
  });
  return markdownSections([
    `${markdownText(name)}${hasPairs ? `, ${formatNoun(pairs, "pair")}` : ""}`,
    markdownTable(head, rows, 2),
    invalid.map((reason) => `- Invalid: ${markdownText(reason)}`).join("\n"),
  ]).trimEnd();
}
