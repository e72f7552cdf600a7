/** Owns `--output table`, the report for a person: the order of its sections. */
import type { RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { renderComparisonTable } from "./comparison/table.ts";
import type { ReportFormat, ReportOptions } from "./format.ts";
import { renderClient } from "./table/client-section.ts";
import { renderFairness } from "./table/contention-section.ts";
import { renderCounters } from "./table/counters-section.ts";
import { renderErrors } from "./table/errors-section.ts";
import { renderExtras } from "./table/extras-section.ts";
import { renderJudgement } from "./table/judgement.ts";
import { renderKubernetes } from "./table/kubernetes-section.ts";
import { grouped, labelled } from "./table/labels.ts";
import { renderLatency, renderRequests } from "./table/latency-section.ts";
import { renderMoments } from "./table/moments-section.ts";
import { paintFor } from "./table/paint.ts";
import { publishedTables } from "./table/published-table.ts";
import { renderReceived } from "./table/received-section.ts";
import { renderSearches } from "./table/search-section.ts";
import { renderServer } from "./table/server-section.ts";
import { renderWatches } from "./table/watch-section.ts";
import { describeMachine, renderWhatWasRun } from "./table/what-was-run.ts";

export { renderPublishedTables } from "./table/published-table.ts";

export const tableFormat: ReportFormat = {
  name: "table",
  render,
  renderComparison: renderComparisonTable,
};

function render(results: RunResult[], options: ReportOptions): string {
  if (results.length === 0) return "";
  const runs = labelled(shownInFull(results));
  const paint = paintFor(options.color);
  const sections = [
    renderSearches(results, options, paint),
    renderWhatWasRun(runs, paint),
    publishedTables(runs, options),
    renderRequests(runs, options, paint),
    renderLatency(runs, options, paint),
    renderReceived(runs, options, paint),
    renderMoments(runs, options, paint),
    renderWatches(runs, options, paint),
    renderFairness(runs, options, paint),
    renderKubernetes(runs, options, paint),
    renderCounters(runs, options, paint),
    renderErrors(runs, options, paint),
    renderServer(runs, options, paint),
    renderClient(runs, options, paint),
    renderJudgement(runs, paint),
    ...renderExtras(runs, options, paint),
    grouped(runs, describeMachine).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
