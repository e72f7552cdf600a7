/**
 * Renders the page of runs while they go on. It is that of their results, and the page itself replaces
 * all that a reader sees of it with what the server sends next.
 */
import type { RunResult } from "../../result/schema.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { printableData } from "../../text/visible.ts";
import type { ReportSubject } from "../format.ts";
import { comparisonPage } from "./comparison-page.ts";
import { failoverPage } from "./failover-page.ts";
import { type Page, renderMain, renderPage } from "./page.ts";
import { resultsPage } from "./results-page.ts";
import { soakPage } from "./soak-page.ts";

/** What a command that measures makes of its runs. */
export type LiveReport = Extract<
  ReportSubject,
  { kind: "results" | "comparison" | "failover" | "soak" }
>;

export interface LiveRuns {
  /** Of the last of those that are over. */
  results: readonly RunResult[];
  /** How many are over. */
  runsDone: number;
  /** What the result of the one under way would be by now; null: none is under way. */
  underWay: RunResult | null;
  /** No run follows, and this came of them; null: they go on. */
  report: LiveReport | null;
}

/** One message of the server, as JSON. */
export interface LiveUpdate {
  title: string;
  /** HTML. */
  main: string;
  isOver: boolean;
}

/** Where the page gets its updates, next to itself. */
export const UPDATES_PATH = "updates";

const NOTHING_YET: Page = {
  over: "bench",
  headline: "The measurement has not begun",
  lead: ["Connections are opened, and the load is warmed up."],
  verdict: { word: "waiting", tone: "neutral", reasons: ["the page follows by itself"] },
  body: [],
};

/**
 * A reader who looks at the values of a chart keeps it until the pointer leaves. What was unfolded stays
 * so. A browser connects again by itself, unless it was refused.
 */
const SCRIPT = `
const main = document.querySelector("main");
const follow = () => {
  const updates = new EventSource("${UPDATES_PATH}");
  updates.onmessage = ({ data }) => show(JSON.parse(data), updates);
  updates.onerror = () => {
    main.querySelector(".verdict b").textContent = "no connection";
    if (updates.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  };
};
const show = (update, updates) => {
  if (main.querySelector(".tip:not([hidden])") && !update.isOver) return;
  const unfolded = [...main.querySelectorAll("details")].map(({ open }) => open);
  main.innerHTML = update.main;
  main.querySelectorAll("details").forEach((each, at) => {
    if (unfolded[at]) each.open = true;
  });
  document.title = update.title;
  attachCharts();
  if (!update.isOver) return;
  updates.close();
  document.documentElement.dataset.live = "over";
};
follow();
`;

export function renderLivePage(runs: LiveRuns): string {
  const script = runs.report === null ? SCRIPT : "";
  return renderPage(pageOf(runs), { script, connectSource: "'self'" });
}

export function liveUpdate(runs: LiveRuns): LiveUpdate {
  const page = pageOf(runs);
  return { title: page.headline, main: renderMain(page).text, isOver: runs.report !== null };
}

function pageOf({ results, runsDone, underWay, report }: LiveRuns): Page {
  if (report !== null) return pageOfReport(printableData(report));
  if (underWay !== null) {
    return resultsPage(printableData([...results, underWay]), runningVerdict(underWay, runsDone));
  }
  return results.length === 0 ? NOTHING_YET : resultsPage(printableData(results));
}

function pageOfReport(report: LiveReport): Page {
  switch (report.kind) {
    case "results":
      return report.results.length === 0 ? NOTHING_YET : resultsPage(report.results);
    case "comparison":
      return comparisonPage(report.comparison);
    case "failover":
      return failoverPage(report.report);
    case "soak":
      return soakPage(report.report);
  }
}

function runningVerdict(underWay: RunResult, runsDone: number): Page["verdict"] {
  const { durationSeconds, operations } = underWay;
  const failed = operations[0]!.requests.failed;
  const reasons = [
    `${formatDuration(durationSeconds * 1000)} measured`,
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
    ...(runsDone === 0 ? [] : [`${formatNoun(runsDone, "run")} before it`]),
  ];
  return { word: "running", tone: "neutral", reasons };
}
