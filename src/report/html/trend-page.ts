/** Renders the page of a trend: the alarm, each series with its levels and change points, the changes. */
import type { Trend, TrendSeries } from "../../compare/trend/schema.ts";
import { formatCount } from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { figure, metricWords, ratioText } from "../comparison/words.ts";
import { trendSections } from "../trend/table.ts";
import { pointName, remarks, segmentText, sizeText, titleOf, verdictLine } from "../trend/words.ts";
import { renderTableOf } from "./data-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { renderPage, type Tone } from "./page.ts";
import type { Band, Line } from "./plot.ts";
import { indexScale, linearScale } from "./scale.ts";

const TONES: Record<Trend["verdict"]["kind"], Tone> = {
  alarm: "bad",
  quiet: "good",
  "too-few": "warning",
  undecided: "warning",
};

/** Charts that are shown open; those of other series are folded away. */
const MOST_OPEN = 8;
/** Of more series than these only the tables are shown. */
const MOST_CHARTS = 60;
/** Points of all charts together, so that years of many metrics stay a small page. */
const MOST_POINTS = 4000;

export function renderTrendPage(trend: Trend): string {
  const { series, segments, verdict, startedAt, endedAt } = trend;
  const [word, ...tail] = verdictLine(trend).split(": ");
  const isNewest = ({ segment }: TrendSeries) => segments[segment]!.isNewest;
  const first = series.filter((each) => isNewest(each) && (each.isGate || each.changes.length > 0));
  const drawn = withinPoints([...first, ...series.filter((each) => !first.includes(each))]);
  const open = drawn.filter((each) => first.includes(each)).slice(0, MOST_OPEN);
  const folded = drawn.filter((each) => !open.includes(each));
  const left = series.length - open.length - folded.length;
  const told = remarks(trend).map(printable);
  return renderPage({
    over: `bench · ${startedAt.slice(0, 10)} to ${endedAt.slice(0, 10)}`,
    headline: printable(titleOf(trend)),
    lead: segments.map((each) => printable(segmentText(each))),
    verdict: {
      word: printable(word!),
      tone: TONES[verdict.kind],
      reasons: tail.length === 0 ? [] : [printable(tail.join(": "))],
    },
    body: [
      ...trendSections(trend, paintFor(false)).map(renderTableOf),
      ...open.map((each) => renderFigure(seriesFigure(trend, each))),
      folded.length === 0
        ? NOTHING
        : html`<h2>Other series</h2>${folded.map((each) => renderFolded(trend, each))}`,
      left > 0
        ? html`<p class="remark">${formatCount(left)} more series are in the table alone.</p>`
        : NOTHING,
      told.length === 0
        ? NOTHING
        : html`<section class="block"><h3>Notes</h3>${told.map((line) => html`<p class="remark">${line}</p>`)}</section>`,
      renderOrigin(trend),
    ],
  });
}

/** The first ones, as far as the page has room for their points. */
function withinPoints(series: readonly TrendSeries[]): TrendSeries[] {
  let points = 0;
  return series.slice(0, MOST_CHARTS).filter((each) => {
    points += each.points.length;
    return points <= MOST_POINTS;
  });
}

function renderFolded(trend: Trend, series: TrendSeries): Markup {
  return html`<details class="fold"><summary>${nameOf(trend, series)}</summary>${renderFigure(seriesFigure(trend, series))}</details>`;
}

function nameOf({ segments, series: all }: Trend, series: TrendSeries): string {
  const { operation, cell, segment } = series;
  const hasLoads = new Set(all.map((each) => each.cell)).size > 1;
  return [
    segments.length > 1 ? `[${segment + 1}] ` : "",
    `${printable(operation)} ${metricWords(series)}`,
    hasLoads ? `, ${printable(cell)}` : "",
  ].join("");
}

/** The ratio to the reference, which is judged, above the figures themselves, which are not. */
export function seriesFigure(trend: Trend, series: TrendSeries): Figure {
  const { points, levels, changes, alarm } = series;
  const days = points.map(({ startedAt }) => startedAt.slice(0, 10));
  const x = indexScale(days);
  const ratios = points.map(({ ratio }) => ratio);
  const y = linearScale(Math.max(...ratios, 1.02), axisRatio, {
    min: Math.min(...ratios, 0.98),
    steps: 4,
  });
  const absolute = points.flatMap(({ base, head }) => [base, head]);
  const yAbsolute = linearScale(Math.max(...absolute), (value) => figure(series, value), {
    steps: 2,
  });
  const line = (name: string, slot: number, values: (number | null)[], of = y): Line => ({
    name,
    slot,
    points: values.map((value, at) => (value === null ? null : { x: x.at(at), y: of.at(value) })),
  });
  const levelAt = points.map(
    (_, at) => levels.find(({ from, to }) => at >= from && at < to)?.ratio ?? null,
  );
  const bands = changes.map(
    ({ at, earliest, latest, effect, isReported }): Band => ({
      from: x.at(Math.max(0, earliest - 0.5)),
      to: x.at(Math.max(at, latest) - (earliest === latest ? 0.5 : 0)),
      tone: isReported ? "event" : "phase",
      label: `${signedPercent(effect)}${isReported ? "" : " (watch)"}`,
    }),
  );
  const outliers = points.some(({ isOutlier }) => isOutlier);
  return {
    title: `${nameOf(trend, series)}${alarm === null ? "" : ": alarm"}`,
    caption: [
      changes.length === 0
        ? "No change was found."
        : "Marked: where each change lies with a likelihood of 95%, and its size.",
    ],
    panels: [
      {
        title: `${metricWords(series)}, head over reference (${series.better} is better)`,
        heightPx: 200,
        x,
        y,
        hasXLabels: false,
        bands,
        lines: [
          {
            ...line(
              "point",
              1,
              points.map(({ ratio, isOutlier }) => (isOutlier ? null : ratio)),
            ),
            hasDots: true,
            isBare: true,
          },
          {
            name: "level",
            slot: 2,
            points: levels.flatMap(({ from, to, ratio }) => [
              { x: x.at(from), y: y.at(ratio) },
              { x: x.at(to - 1), y: y.at(ratio) },
              null,
            ]),
          },
          ...(outliers
            ? [
                {
                  ...line(
                    "outlier",
                    6,
                    points.map(({ ratio, isOutlier }) => (isOutlier ? ratio : null)),
                  ),
                  hasDots: true,
                  isBare: true,
                },
              ]
            : []),
        ],
      },
      {
        title: "The figures themselves, by which nothing is judged",
        heightPx: 100,
        x,
        y: yAbsolute,
        bands: bands.map((band) => ({ ...band, label: "" })),
        lines: [
          line(
            "head",
            1,
            points.map(({ head }) => head),
            yAbsolute,
          ),
          line(
            "reference",
            6,
            points.map(({ base }) => base),
            yAbsolute,
          ),
        ],
      },
    ],
    columns: [
      { header: "Point", slot: null },
      { header: "commit", slot: null },
      { header: "ratio", slot: 1 },
      { header: "level", slot: 2 },
      { header: "head", slot: null },
      { header: "reference", slot: null },
      { header: "marks", slot: null },
    ],
    rows: points.map((point, at) => ({
      x: x.at(at),
      cells: [
        pointName(point),
        point.commit ?? "-",
        ratioText(point.ratio),
        ratioText(levelAt[at] ?? null),
        figure(series, point.head),
        figure(series, point.base),
        [
          ...(point.isOutlier ? ["outlier"] : []),
          ...changes
            .filter((change) => change.at === at)
            .map((change) => sizeText({ series, change })),
        ].join(", "),
      ],
    })),
  };
}

function renderOrigin({ source, segments, id }: Trend): Markup {
  const hosts = [...new Set(segments.map(({ host }) => host))];
  return html`<h2>How it was measured</h2>
<section class="block"><h3>Command</h3><pre>bench trend ${source}</pre></section>
<section class="block"><h3>Environment</h3><dl class="facts">${hosts.map((host) => html`<dt>Machine</dt><dd>${host}</dd>`)}<dt>Trend</dt><dd>${id}</dd></dl></section>`;
}

function axisRatio(ratio: number): string {
  return String(Number(ratio.toPrecision(4)));
}

function signedPercent(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? "-" : "+"}${Math.abs(percent).toFixed(1)}%`;
}
