/** Renders `--output table`: the answer first, then the sections that explain it. */

import type { RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { grouped, labelled } from "../tables/labels.ts";
import { paintFor } from "../tables/paint.ts";
import { renderTableSection } from "../tables/table-section.ts";
import { renderComparisonTable } from "./comparison/table.ts";
import { renderDoctorTable } from "./doctor/table.ts";
import { renderFailoverTable } from "./failover/table.ts";
import type { ReportFormat, ReportOptions } from "./format.ts";
import { renderListingTable } from "./listing/table.ts";
import { renderMemoryTable } from "./memory/table.ts";
import { renderSoakTable } from "./soak/table.ts";
import { renderAnswers } from "./table/answer.ts";
import { renderExtras } from "./table/extras-section.ts";
import { renderHistograms } from "./table/histogram-section.ts";
import { renderJudgement } from "./table/judgement.ts";
import { resultSections } from "./table/result-sections.ts";
import { renderSearches } from "./table/search-section.ts";
import { describeMachine, renderWhatWasRun } from "./table/what-was-run.ts";
import { renderTrendTable } from "./trend/table.ts";

export { renderPublishedTables } from "./table/published-table.ts";

export const tableFormat: ReportFormat = {
  name: "table",
  render,
  renderComparison: renderComparisonTable,
  renderTrend: renderTrendTable,
  renderFailover: renderFailoverTable,
  renderSoak: renderSoakTable,
  renderMemory: renderMemoryTable,
  renderDoctor: renderDoctorTable,
  renderListing: renderListingTable,
};

function render(results: RunResult[], options: ReportOptions): string {
  if (results.length === 0) return "";
  const runs = labelled(shownInFull(results));
  const paint = paintFor(options.color);
  const sections = [
    renderSearches(results, options, paint),
    renderAnswers(runs, paint),
    renderWhatWasRun(runs, paint),
    ...renderHistograms(runs, paint),
    ...resultSections(runs).map((section) => renderTableSection(section, options, paint)),
    renderJudgement(runs, paint),
    ...renderExtras(runs, options, paint),
    grouped(runs, describeMachine).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
