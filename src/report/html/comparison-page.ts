/** Renders the page of a comparison: the verdict, a forest plot and a table for each load, its pairs. */
import { withCommonNames } from "../../compare/common-names.ts";
import type { CellComparison, Comparison, MetricComparison } from "../../compare/schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { cellSection } from "../comparison/table.ts";
import {
  detectableLines,
  figure,
  metricPath,
  noiseLines,
  ratioText,
  sideText,
  verdictSentence,
  wholeVerdictWords,
} from "../comparison/words.ts";
import { renderTableOf } from "./data-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { renderForest, toneOfVerdict } from "./forest.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { type Page, renderPage } from "./page.ts";
import { linearScale, ratioScale } from "./scale.ts";
import { MOST_SLOTS } from "./theme.ts";

export function renderComparisonPage(comparison: Comparison): string {
  return renderPage(comparisonPage(comparison));
}

export function comparisonPage(given: Comparison): Page {
  const comparison = withCommonNames(given);
  const { base, head, isCanary, cells, notes, verdict, startedAt } = comparison;
  const told = [...detectableLines(comparison), ...noiseLines(comparison), ...notes].map(printable);
  const [word, ...tail] = verdictSentence(comparison).split(": ");
  return {
    over: `bench · ${startedAt.slice(0, 16).replace("T", " ")} UTC`,
    headline: headlineOf(comparison),
    lead: [sideText("Base", base), ...(isCanary ? [] : [sideText("Head", head)])].map(printable),
    verdict: {
      word: printable(word!),
      // A canary that finds no difference is what one hopes for.
      tone: verdict.kind === "no-change" ? "good" : toneOfVerdict(verdict.kind),
      reasons: tail.length === 0 ? [] : [printable(tail.join(": "))],
    },
    body: [
      ...cells.map((cell) => renderCell(cell, cells.length > 1)),
      told.length === 0
        ? NOTHING
        : html`<section class="block"><h3>Notes</h3>${told.map((line) => html`<p class="remark">${line}</p>`)}</section>`,
      renderOrigin(comparison),
    ],
  };
}

function headlineOf(comparison: Comparison): string {
  const { isCanary, cells } = comparison;
  const word = wholeVerdictWords(comparison);
  const loads = cells.length === 1 ? printable(cells[0]!.name) : formatNoun(cells.length, "load");
  return isCanary
    ? `The same against itself, ${loads}: ${word}`
    : `Head against base, ${loads}: ${word}`;
}

function renderCell(cell: CellComparison, hasNeighbours: boolean): Markup {
  const pairs = pairsFigure(cell);
  return html`${hasNeighbours ? html`<h2>${cell.name}</h2>` : NOTHING}${renderForest(cell)}${renderTableOf(cellSection(cell, paintFor(false)))}${pairs === null ? NOTHING : renderFigure(pairs)}`;
}

/** Each pair's ratio, by which a drift of the machine or a single odd run is seen; null without. */
export function pairsFigure({ metrics }: CellComparison): Figure | null {
  const gates = metrics.filter(({ isGate }) => isGate);
  const shown = (gates.length > 0 ? gates : metrics).filter(({ pairs }) => pairs.length > 1);
  const series = shown.slice(0, MOST_SLOTS);
  if (series.length === 0) return null;
  const count = Math.max(...series.map(({ pairs }) => pairs.length));
  const ratio = (metric: MetricComparison, at: number) => {
    const pair = metric.pairs[at];
    return pair === undefined ? null : pair.head / pair.base;
  };
  const indices = Array.from({ length: count }, (_, at) => at);
  const all = series.flatMap((metric) => indices.map((at) => ratio(metric, at) ?? 1));
  const y = ratioScale(all.filter((each) => each > 0));
  const x = linearScale(count + 0.5, (value) => (value === 0 ? "" : String(value)), {
    isTight: true,
  });
  return {
    title: "Ratio of each pair",
    caption: ["In the order in which they were run."],
    panels: [
      {
        title: "Head over base",
        heightPx: 200,
        x,
        y,
        xTitle: "pair",
        lines: series.map((metric, index) => ({
          name: metricPath(metric),
          slot: index + 1,
          hasDots: true,
          points: indices.map((at) => {
            const value = ratio(metric, at);
            return value === null || value <= 0 ? null : { x: x.at(at + 1), y: y.at(value) };
          }),
        })),
      },
    ],
    columns: [
      { header: "Pair", slot: null },
      ...series.flatMap((metric, index) => [
        { header: `${metricPath(metric)}, base`, slot: null },
        { header: "head", slot: null },
        { header: `${metricPath(metric)}, ratio`, slot: index + 1 },
      ]),
    ],
    rows: indices.map((at) => ({
      x: x.at(at + 1),
      cells: [
        String(at + 1),
        ...series.flatMap((metric) => {
          const pair = metric.pairs[at];
          return [
            figure(metric, pair?.base ?? null),
            figure(metric, pair?.head ?? null),
            ratioText(ratio(metric, at)),
          ];
        }),
      ],
    })),
  };
}

function renderOrigin({ base, head, hosts, labels, id }: Comparison): Markup {
  const side = (name: string, { label, resultIds }: Comparison["base"]) =>
    html`<dt>${name}</dt><dd>${label}: ${formatNoun(resultIds.length, "run")}, ${resultIds.join(", ")}</dd>`;
  const named = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return html`<h2>How it was measured</h2><section class="block"><h3>Environment</h3><dl class="facts">
${side("Base", base)}${side("Head", head)}
${hosts.map((host) => html`<dt>Machine</dt><dd>${host}</dd>`)}
${named.length === 0 ? NOTHING : html`<dt>Labels</dt><dd>${named.join(", ")}</dd>`}
<dt>Comparison</dt><dd>${id}</dd></dl></section>
<section class="block"><h3>Command</h3><p class="remark">Each run's result has its plan; bench report on one of them ends with the command that measures the same again.</p></section>`;
}
