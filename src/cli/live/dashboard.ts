/**
 * Writes what a terminal shows of a run while it goes on, as lines that fit it: progress, the last minute,
 * events, errors, members, and the latencies of all requests so far.
 */
import { describeEvent } from "../../events/describe-event.ts";
import { histogramLines } from "../../report/table/histogram-section.ts";
import { clockName } from "../../result/judged-latency.ts";
import type { ObservedEvent } from "../../run/observer.ts";
import type { RunProgress } from "../../run/progress.ts";
import { renderGrid } from "../../tables/grid.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
} from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { cutToWidth } from "../../text/width.ts";
import { terminalLine } from "../output/progress-line.ts";
import type { LiveFigures, LiveMember, LiveSecond } from "./live-figures.ts";
import { sparkline } from "./sparkline.ts";

/** A smaller terminal has the line of progress alone. */
const LEAST_ROWS = 16;
const LEAST_COLUMNS = 60;
/** Of a sparkline: a second each. */
const MOST_SECONDS = 60;
/** Before and after a sparkline. */
const NAME_COLUMNS = 6;
const FIGURE_COLUMNS = 34;
const MOST_EVENTS = 3;
const LEAST_BINS = 4;
const MOST_BINS = 12;
/** The names of columns and the rule below them. */
const HEAD_LINES = 2;

export interface Screen {
  rows: number;
  /** One less than the terminal has: some wrap as soon as the last is written. */
  columns: number;
  color: boolean;
}

/** Cut to the terminal's width before it is painted. */
interface Line {
  text: string;
  tone?: "warning" | "bad";
}

const EMPTY: Line = { text: "" };

/** Fewer lines than the terminal has; one where it is too small. */
export function dashboardLines(
  progress: RunProgress,
  figures: LiveFigures,
  { rows, columns, color }: Screen,
): string[] {
  const head = terminalLine(progress, { widthColumns: columns, color });
  if (rows < LEAST_ROWS || columns < LEAST_COLUMNS) return [head];
  const { seconds, events, members } = figures;
  const lines: Line[] = [
    ...courseLines(seconds, columns),
    ...eventLines(events, progress),
    ...errorLines(progress),
    ...memberLines(members),
  ];
  const left = rows - 2 - lines.length;
  lines.push(...histogramOf(figures, left));
  const paint = paintFor(color);
  const shown = lines.slice(0, rows - 2).map(({ text, tone }) => {
    const cut = cutToWidth(text, columns);
    return tone === undefined ? cut : paint[tone](cut);
  });
  return [head, ...shown];
}

/** None where so few lines are left that it would say little. */
function histogramOf({ latencies }: LiveFigures, lines: number): Line[] {
  const bins = lines - 2 - HEAD_LINES;
  if (latencies === null || bins < LEAST_BINS) return [];
  const { histogram, clock } = latencies;
  return [
    EMPTY,
    { text: `Successful requests so far, ${clockName(clock)}` },
    ...histogramLines(histogram, Math.min(MOST_BINS, bins)).map((text) => ({ text })),
  ];
}

/** The last minute of rate, p50 and p99, each from 0 to its largest value. */
function courseLines(seconds: readonly LiveSecond[], columns: number): Line[] {
  if (seconds.length === 0) return [];
  const width = Math.min(MOST_SECONDS, columns - NAME_COLUMNS - FIGURE_COLUMNS);
  const line = (
    name: string,
    values: readonly (number | null)[],
    format: (value: number | null) => string,
  ) => {
    const known = values.slice(-width).filter((value) => value !== null);
    const most = known.length === 0 ? null : Math.max(...known);
    const now = format(values.at(-1) ?? null);
    const course = sparkline(values, width);
    return {
      text: `${name.padEnd(NAME_COLUMNS)}${course}  ${now.padStart(9)}, at most ${format(most)}`,
    };
  };
  const perSecond = (rate: number | null) =>
    rate === null ? formatRate(null) : `${formatRate(rate)}/s`;
  return [
    EMPTY,
    line(
      "rate",
      seconds.map(({ ratePerSec }) => ratePerSec),
      perSecond,
    ),
    line(
      "p50",
      seconds.map(({ p50Ms }) => p50Ms),
      formatDuration,
    ),
    line(
      "p99",
      seconds.map(({ p99Ms }) => p99Ms),
      formatDuration,
    ),
  ];
}

/** The latest ones, those under way first. */
function eventLines(
  events: readonly ObservedEvent[],
  { phase, elapsedSeconds }: RunProgress,
): Line[] {
  const latest = [...events]
    .sort((a, b) => Number(b.isUnderWay) - Number(a.isUnderWay) || b.startSeconds - a.startSeconds)
    .slice(0, MOST_EVENTS);
  if (latest.length === 0) return [];
  return [
    EMPTY,
    ...latest.map((event): Line => {
      const { isUnderWay, startSeconds, durationSeconds, error } = event;
      const what = `event ${printable(describeEvent(event))} at ${startSeconds.toFixed(1)} s`;
      if (isUnderWay) {
        const since = phase === "measuring" ? Math.max(0, elapsedSeconds - startSeconds) : null;
        const text = since === null ? "under way" : `under way for ${since.toFixed(0)} s`;
        return { text: `${what}: ${text}`, tone: "warning" };
      }
      if (error !== null) return { text: `${what}: ${printable(error)}`, tone: "bad" };
      if (durationSeconds === null) return { text: what };
      return { text: `${what}: took ${formatDuration(durationSeconds * 1000)}` };
    }),
  ];
}

function errorLines({ failed, errors }: RunProgress): Line[] {
  if (failed === 0) return [];
  const codes = errors.map(({ code, count }) => `${printable(code)} ${formatCount(count)}`);
  return [EMPTY, { text: `errors ${codes.join(", ")}`, tone: "bad" }];
}

function memberLines(members: readonly LiveMember[]): Line[] {
  if (members.length === 0) return [];
  const grid = renderGrid<LiveMember>(
    [
      { header: ["Member"], align: "left", cell: ({ name }) => printable(name) },
      { header: ["RSS"], cell: ({ rssBytes }) => formatBytes(rssBytes) },
      { header: ["CPU of a core"], cell: ({ cpuPercent }) => formatPercent(cpuPercent) },
      { header: ["fsync p99"], cell: ({ walFsyncP99Ms }) => formatDuration(walFsyncP99Ms) },
    ],
    members,
    { color: false, widthColumns: null },
  );
  return [EMPTY, ...grid.split("\n").map((text) => ({ text }))];
}
