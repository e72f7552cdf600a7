/**
 * Renders the forest plot of a comparison: each metric's ratio of head over base with its interval on
 * one logarithmic axis, and the least effect of interest as a shaded zone around 1.
 */
import type { CellComparison, MetricComparison, MetricVerdict } from "../../compare/schema.ts";
import { printable } from "../../text/visible.ts";
import {
  intervalText,
  metricVerdictWords,
  metricWords,
  ratioText,
  sideFigure,
} from "../comparison/words.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import type { Tone } from "./page.ts";
import { ratioScale, type Scale } from "./scale.ts";

/** Empty where no metric has a ratio. */
export function renderForest({ metrics, design }: CellComparison): Markup {
  const rows = metrics.filter(({ ratio }) => ratio !== null);
  if (rows.length === 0) return NOTHING;
  const hasPairs = design === "pairs";
  const scale = ratioScale(rows.flatMap(reachOf));
  return html`<section class="block"><h3>Head over base</h3><div class="forest">
${rows.map((metric) => renderRow(metric, scale, hasPairs))}
<div class="row"><div></div><div class="track">${renderAxis(scale)}</div></div></div>
<p class="remark">${hasPairs ? "Dot and bar: the typical paired ratio and its 95% interval. Shaded: less than the least effect of interest. Bold names are gates, which make the verdict." : "Ratios of one side's figures to the other's, without an interval: they say nothing of significance."}</p></section>`;
}

export function toneOfVerdict(verdict: MetricVerdict | null): Tone {
  switch (verdict) {
    case "slower":
    case "invalid":
      return "bad";
    case "faster":
      return "good";
    case "undecided":
      return "warning";
    default:
      return "neutral";
  }
}

/** What the axis must hold of a metric. */
function reachOf({ ratio, interval95, leastEffect }: MetricComparison): number[] {
  const ends = interval95 === null ? [ratio!] : [interval95.low, interval95.high];
  return [...ends, 1 + leastEffect, 1 / (1 + leastEffect)].filter((each) => each > 0);
}

function renderRow(metric: MetricComparison, scale: Scale, hasPairs: boolean): Markup {
  const { ratio, interval95, leastEffect, isGate, better, verdict } = metric;
  const name = html`${printable(metric.operation)} ${metricWords(metric)}`;
  const tone = toneOfVerdict(verdict);
  const low = scale.at(1 / (1 + leastEffect));
  const whisker =
    interval95 === null
      ? NOTHING
      : html`<line class="whisker" x1="${percent(scale.at(interval95.low))}" x2="${percent(scale.at(interval95.high))}" y1="50%" y2="50%"/>`;
  const zone = hasPairs
    ? html`<rect class="zone" x="${percent(low)}" width="${percent(scale.at(1 + leastEffect) - low)}" y="0" height="100%"/>`
    : NOTHING;
  return html`<div class="row"><div class="name">${isGate ? html`<b>${name}</b>` : name} <small>${better} is better</small></div>
<div class="track ${tone}"><svg role="img" aria-label="ratio ${ratioText(ratio)}, 95% interval ${intervalText(interval95)}">${zone}<line class="one" x1="${percent(scale.at(1))}" x2="${percent(scale.at(1))}" y1="0" y2="100%"/>${whisker}<circle class="estimate" cx="${percent(scale.at(ratio!))}" cy="50%" r="5"/></svg></div>
<div class="figures">${ratioText(ratio)} <small>${hasPairs ? intervalText(interval95) : `${sideFigure(metric, "base")} to ${sideFigure(metric, "head")}`}</small>${hasPairs ? html`<div class="word ${tone}">${metricVerdictWords(metric)}</div>` : NOTHING}</div></div>`;
}

function renderAxis({ ticks }: Scale): Markup {
  return html`<svg aria-hidden="true"><line class="axis" x1="0" x2="100%" y1="0" y2="0"/>${ticks.map(({ at, label, isMinor }) => html`<g class="${isMinor ? "minor" : "major"}"><line class="axis" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="5"/><text class="tick" x="${percent(at)}" y="18" text-anchor="middle">${label}</text></g>`)}</svg>`;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100_000) / 1000}%`;
}
