/** Owns `--output html`: a page of its own, to be opened, sent and printed, that fetches nothing. */
import type { ReportFormat } from "./format.ts";
import { renderResultsPage } from "./html/results-page.ts";

export const htmlFormat: ReportFormat = {
  name: "html",
  render: renderResultsPage,
};
