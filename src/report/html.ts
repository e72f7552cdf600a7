/**
 * Renders `--output html`: one self-contained page, to be opened, sent and printed, that fetches
 * nothing.
 */
import type { ReportFormat } from "./format.ts";
import { renderComparisonPage } from "./html/comparison-page.ts";
import { renderDoctorPage } from "./html/doctor-page.ts";
import { renderFailoverPage } from "./html/failover-page.ts";
import { renderResultsPage } from "./html/results-page.ts";
import { renderSoakPage } from "./html/soak-page.ts";
import { renderTrendPage } from "./html/trend-page.ts";

export const htmlFormat: ReportFormat = {
  name: "html",
  render: renderResultsPage,
  renderComparison: renderComparisonPage,
  renderTrend: renderTrendPage,
  renderFailover: renderFailoverPage,
  renderSoak: renderSoakPage,
  renderDoctor: renderDoctorPage,
};
