/** Renders the page of one result, of a search, or of several results such as those of a suite. */
import type { RunResult } from "../../result/schema.ts";
import { searchesOf, shownInFull } from "../../result/search.ts";
import { type LabelledRun, labelled } from "../../tables/labels.ts";
import { paintFor } from "../../tables/paint.ts";
import { renderJudgement } from "../table/judgement.ts";
import { resultSections } from "../table/result-sections.ts";
import { memberSections } from "../table/server-section.ts";
import { describeLoad } from "../table/what-was-run.ts";
import { renderTableOf } from "./data-table.ts";
import { renderEnvironment } from "./environment.ts";
import { renderFigure } from "./figure.ts";
import { renderGrids } from "./grid-chart.ts";
import { headlineOf, tilesOf, verdictOf } from "./headline.ts";
import { renderSearch } from "./knee.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { type Page, renderPage } from "./page.ts";
import { percentileFigure } from "./percentile-chart.ts";
import { timeFigure } from "./time-chart.ts";

const PLAIN = paintFor(false);
/** Points of all charts over time together, so that a page of many runs stays small. */
const MOST_POINTS = 2400;
const MOST_POINTS_OF_ONE = 600;
const LEAST_POINTS_OF_ONE = 40;
/** Runs that are listed openly. */
const MOST_LISTED = 12;
/** What more runs have is in the tables alone. */
const MOST_TIME_CHARTS = 20;

export function renderResultsPage(results: readonly RunResult[]): string {
  return renderPage(resultsPage(results));
}

/** Of finished runs; `running` is the verdict of one that goes on, which is judged when it is over. */
export function resultsPage(
  results: readonly RunResult[],
  running: Page["verdict"] | null = null,
): Page {
  const runs = labelled(shownInFull(results));
  const [first] = runs;
  const [published, ...tables] = resultSections(runs);
  const isOne = runs.length === 1;
  return {
    over: overOf(results),
    headline: headlineOf(results),
    lead: isOne ? [describeLoad(first!.result)] : [],
    verdict: running ?? verdictOf(runs.map(({ result }) => result)),
    body: [
      isOne ? renderTiles(first!.result) : NOTHING,
      renderGrids(results),
      isOne ? NOTHING : renderRuns(runs),
      ...searchesOf(results).map(renderSearch),
      ...(published === undefined ? [] : [renderTableOf(published)]),
      figureOrNothing(percentileFigure(runs)),
      ...timeCharts(runs),
      ...[...tables, ...memberSections(runs)].map(renderTableOf),
      running === null ? renderNotes(runs) : NOTHING,
      renderEnvironment(runs),
    ],
  };
}

function overOf(results: readonly RunResult[]): string {
  const days = results.map(({ startedAt }) => startedAt.slice(0, 16).replace("T", " "));
  const [from, to] = [days.toSorted()[0], days.toSorted().at(-1)];
  return from === undefined ? "bench" : `bench · ${from === to ? from : `${from} to ${to}`} UTC`;
}

function renderTiles(result: RunResult): Markup {
  const tiles = tilesOf(result);
  if (tiles.length === 0) return NOTHING;
  return html`<dl class="tiles">${tiles.map(({ name, value, unit }) => html`<div><dt>${name}</dt><dd>${value}<small>${unit}</small></dd></div>`)}</dl>`;
}

/** What all runs share is said once, and of each what makes it another. */
function renderRuns(runs: readonly LabelledRun[]): Markup {
  const partsOf = runs.map(({ result }) => describeLoad(result).split(", "));
  const shared = partsOf[0]!.filter((part) => partsOf.every((parts) => parts.includes(part)));
  const facts = runs.map(({ label }, at) => {
    const own = partsOf[at]!.filter((part) => !shared.includes(part));
    return html`<dt>${label}</dt><dd>${own.length === 0 ? "as all" : own.join(", ")}</dd>`;
  });
  const list = html`<p class="remark">${shared.length === 0 ? NOTHING : `All: ${shared.join(", ")}.`}</p><dl class="facts runs">${facts}</dl>`;
  return runs.length <= MOST_LISTED
    ? html`<section class="block"><h3>Runs</h3>${list}</section>`
    : html`<details class="fold"><summary>The ${runs.length} runs</summary>${list}</details>`;
}

function figureOrNothing(figure: Parameters<typeof renderFigure>[0] | null): Markup {
  return figure === null ? NOTHING : renderFigure(figure);
}

/** Of one run in full; of several each folded away under its load. */
function timeCharts(runs: readonly LabelledRun[]): Markup[] {
  const points = Math.floor(MOST_POINTS / Math.max(1, runs.length));
  const mostRows = Math.min(MOST_POINTS_OF_ONE, Math.max(LEAST_POINTS_OF_ONE, points));
  const figures = runs.slice(0, MOST_TIME_CHARTS).flatMap(({ label, result }) => {
    const figure = timeFigure(result, `Over time ${label}`.trimEnd(), mostRows);
    return figure === null ? [] : [{ label, result, chart: renderFigure(figure) }];
  });
  if (runs.length === 1) return figures.map(({ chart }) => chart);
  const left = runs.length - MOST_TIME_CHARTS;
  const rest =
    left > 0
      ? [
          html`<p class="remark">Of ${left} more runs bench report on their files alone shows the course over time.</p>`,
        ]
      : [];
  const folds = figures.map(
    ({ label, result, chart }) =>
      html`<details class="fold"><summary>${label} ${describeLoad(result)}, over time</summary>${chart}</details>`,
  );
  return [...folds, ...rest];
}

function renderNotes(runs: readonly LabelledRun[]): Markup {
  const lines = renderJudgement(runs, PLAIN).split("\n");
  return html`<section class="block"><h3>Judgement and notes</h3>${lines.map((line) => html`<p class="remark">${line}</p>`)}</section>`;
}
