/**
 * Renders one panel of a chart as SVG: grid, ticks, bands, marks and lines. Positions are percentages
 * of the panel and only lines are stretched with it, so that text keeps its size on every screen.
 */
import { html, type Markup, NOTHING } from "./markup.ts";
import type { Scale } from "./scale.ts";

/** Fractions of the panel: x from the left, y from the bottom. */
export interface Point {
  x: number;
  y: number;
}

export interface Line {
  name: string;
  /** Which of the theme's colours, from 1. */
  slot: number;
  /** In the order of x; null breaks the line. */
  points: readonly (Point | null)[];
  isDashed?: boolean;
  /** Each point has a dot of its own. */
  hasDots?: boolean;
  /** Dots without a line between them. */
  isBare?: boolean;
}

/** A stretch of the x axis that something happened in; a line where it has no length. */
export interface Band {
  from: number;
  to: number;
  tone: "event" | "phase" | "pause" | "bare";
  /** Printed at the head of the band; empty for none. */
  label: string;
}

/** A marked level of the y axis, such as a limit. */
export interface Level {
  y: number;
  label: string;
}

export interface Plot {
  title: string;
  heightPx: number;
  x: Scale;
  y: Scale;
  lines: readonly Line[];
  bands?: readonly Band[];
  levels?: readonly Level[];
  /** The x axis has its labels below this one. */
  hasXLabels?: boolean;
  xTitle?: string;
}

/** A path is drawn in so many steps each way. */
const STEPS = 1000;
const LABEL_PX = 14;

export function renderPlot(plot: Plot): Markup {
  const { title, heightPx, x, y, lines, bands = [], levels = [], hasXLabels = true } = plot;
  return html`<div class="panel"><h4>${title}</h4>${lines.length > 1 ? renderLegend(lines) : NOTHING}
<div class="frame${hasXLabels ? "" : " bare"}"><svg class="plot" style="height:${heightPx}px" role="img" aria-label="${title}">
${bands.map((band) => renderBand(band))}
${y.ticks.map(({ at, label, isMinor }) => html`<g class="${isMinor ? "minor" : "major"}"><line class="grid" x1="0" x2="100%" y1="${down(at)}" y2="${down(at)}"/><text class="tick" x="0" dx="-8" y="${down(at)}" dy="0.32em" text-anchor="end">${label}</text></g>`)}
${hasXLabels ? x.ticks.map(({ at, label, isMinor }) => html`<g class="${isMinor ? "minor" : "major"}"><line class="stub" x1="${across(at)}" x2="${across(at)}" y1="100%" y2="100%" style="transform:translateY(4px)"/><text class="tick" x="${across(at)}" y="100%" dy="18" text-anchor="middle">${label}</text></g>`) : NOTHING}
<line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
${levels.map(({ y: at, label }) => html`<line class="level" x1="0" x2="100%" y1="${down(at)}" y2="${down(at)}"/><text class="level-label" x="0" dx="6" y="${down(at)}" dy="-5">${label}</text>`)}
<svg width="100%" height="100%" viewBox="0 0 ${STEPS} ${STEPS}" preserveAspectRatio="none">
${lines.filter(({ isBare }) => !isBare).map((line) => html`<path class="line s${line.slot}${line.isDashed ? " dashed" : ""}" d="${pathOf(line.points)}"/>`)}</svg>
${lines.map((line) => renderDots(line))}
${lines.length > 1 ? renderEndLabels(lines, heightPx) : NOTHING}
</svg></div>${hasXLabels && plot.xTitle ? html`<p class="x-title">${plot.xTitle}</p>` : NOTHING}</div>`;
}

function renderLegend(lines: readonly Line[]): Markup {
  return html`<p class="legend">${lines.map(({ name, slot, isDashed }) => html`<span><i class="s${slot}${isDashed ? " dashed" : ""}"></i>${name}</span>`)}</p>`;
}

function renderBand({ from, to, tone, label }: Band): Markup {
  const isInstant = to - from < 0.002;
  const shape = isInstant
    ? html`<line class="band ${tone}" x1="${across(from)}" x2="${across(from)}" y1="0" y2="100%"/>`
    : html`<rect class="band ${tone}" x="${across(from)}" width="${percent(to - from)}" y="0" height="100%"/>`;
  if (label === "") return shape;
  return html`${shape}<text class="band-label" x="${across(tone === "event" || tone === "pause" ? from : (from + to) / 2)}" y="0" dy="-4" text-anchor="middle">${label}</text>`;
}

/** Of each point, or only of those that no line leads to. */
function renderDots({ points, slot, hasDots }: Line): Markup[] {
  const isAlone = (at: number) => !points[at - 1] && !points[at + 1];
  return points
    .filter((point, at) => point !== null && (hasDots || isAlone(at)))
    .map((point) => point!)
    .map(
      ({ x, y }) => html`<circle class="dot s${slot}" cx="${across(x)}" cy="${down(y)}" r="3.5"/>`,
    );
}

/** Names at the ends of the lines, moved apart where they would overlap. */
function renderEndLabels(lines: readonly Line[], heightPx: number): Markup[] {
  const ends = lines.flatMap(({ name, slot, points }) => {
    const last = points.findLast((point) => point !== null);
    return last == null ? [] : [{ name, slot, x: last.x, y: last.y }];
  });
  const places = spread(
    ends.map(({ y }) => y),
    LABEL_PX / heightPx,
  );
  return ends.map(
    ({ name, slot }, at) =>
      html`<text class="end-label s${slot}" x="100%" dx="8" y="${down(places[at]!)}" dy="0.32em">${name}</text>`,
  );
}

/** The places moved by as little as leaves `gap` between any two of them, in their order. */
export function spread(places: readonly number[], gap: number): number[] {
  const order = places.map((_, at) => at).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  let below = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    moved[at] = Math.max(moved[at]!, below + gap);
    below = moved[at]!;
  }
  // What was pushed out at the top comes down again, and pushes what is below it.
  let above = Math.max(1, gap * (places.length - 1)) + gap;
  for (const at of order.reverse()) {
    moved[at] = Math.min(moved[at]!, above - gap);
    above = moved[at]!;
  }
  return moved;
}

/** A new path begins after each gap. */
export function pathOf(points: readonly (Point | null)[]): string {
  let path = "";
  for (const [at, point] of points.entries()) {
    if (point === null) continue;
    const place = `${step(point.x)} ${step(1 - point.y)}`;
    const before = at === 0 ? null : points[at - 1];
    if (before) path += `L${place}`;
    else path += `M${place}`;
  }
  return path;
}

function step(fraction: number): number {
  return Math.round(fraction * STEPS * 10) / 10;
}

function across(fraction: number): string {
  return percent(fraction);
}

function down(fraction: number): string {
  return percent(1 - fraction);
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100_000) / 1000}%`;
}
