/** Writes one line of progress, for a terminal of some width or for a log. */

import type { RunProgress } from "../../run/progress.ts";
import { formatRate } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { cutToWidth } from "../../text/width.ts";
import { withThousands } from "../../thousands.ts";

const BAR_WIDTH = 20;
const LEAST_BAR_WIDTH = 8;
const GAP = "  ";
/** Of status names in the line; the report has all. */
const MOST_CODES = 3;
const RED = "\u001b[31m";
const RESET = "\u001b[39m";

/** For a terminal: never wider than `widthColumns`, colour not counted. */
export function terminalLine(
  progress: RunProgress,
  { widthColumns, color }: { widthColumns: number; color: boolean },
): string {
  const parts = [progress.phase.padEnd(9)];
  if (progress.phase === "measuring") {
    const percent = `${percentOf(progress.fraction)}%`.padStart(4);
    const used = [...parts, percent, ...figures(progress)].join(GAP).length;
    parts.push(`${bar(progress.fraction, widthColumns - used)}${percent}`);
  }
  const cut = cutToWidth([...parts, ...figures(progress)].join(GAP), widthColumns);
  const errors = errorsText(progress);
  if (!color || progress.failed === 0) return cut;
  // By a function: in a replacement text, "$" has a special meaning.
  return cut.replace(`${GAP}${errors}`, () => `${GAP}${RED}${errors}${RESET}`);
}

/** For a log: the same figures, the share in per cent instead of a bar. */
export function plainLine(progress: RunProgress): string {
  const { phase, fraction } = progress;
  const head = phase === "measuring" ? `${phase} ${percentOf(fraction)}%` : phase;
  return [head, ...figures(progress)].join(", ");
}

function figures(progress: RunProgress): string[] {
  const parts = [seconds(progress.elapsedSeconds)];
  const left = progress.secondsLeft === null ? [] : [`${seconds(progress.secondsLeft)} left`];
  if (progress.phase === "opening") return [...parts, ...left];
  if (progress.ratePerSec !== null) {
    parts.push(`${formatRate(progress.ratePerSec)}/s`);
  }
  const { p50Ms, p99Ms, p99AtLeastMs, maxMs } = progress;
  if (p50Ms !== null) parts.push(`p50 ${milliseconds(p50Ms)}`);
  if (p99Ms !== null) parts.push(`p99 ${milliseconds(p99Ms)}`);
  else if (p99AtLeastMs !== null) parts.push(`p99 >=${milliseconds(p99AtLeastMs)}`);
  // Of too few requests a second there is no p99; the maximum is known.
  else if (maxMs !== null) parts.push(`max ${milliseconds(maxMs)}`);
  return [...parts, ...left, errorsText(progress)];
}

/** As wide as there is room, brackets included; empty where that is too little to see anything. */
function bar(fraction: number, roomColumns: number): string {
  const width = Math.min(BAR_WIDTH, roomColumns - 2);
  if (width < LEAST_BAR_WIDTH) return "";
  const done = Math.floor(clamp(fraction) * width);
  return `[${"=".repeat(done)}${" ".repeat(width - done)}]`;
}

function percentOf(fraction: number): number {
  return Math.floor(clamp(fraction) * 100);
}

/** Not a number: nothing is known yet, which is no progress. */
function clamp(fraction: number): number {
  return fraction > 0 ? Math.min(1, fraction) : 0;
}

/** `12 errors (UNAVAILABLE 10, DEADLINE_EXCEEDED 2)`. */
function errorsText({ failed, errors }: RunProgress): string {
  const text = formatNoun(failed, "error");
  const codes = errors.slice(0, MOST_CODES).map(({ code, count }) => {
    return `${printable(code)} ${withThousands(count)}`;
  });
  if (errors.length > MOST_CODES) codes.push("...");
  return codes.length === 0 ? text : `${text} (${codes.join(", ")})`;
}

function seconds(value: number): string {
  const whole = Math.max(0, Math.floor(value));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  if (minutes < 60) return `${minutes}m${rest}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m${rest}s`;
}

function milliseconds(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ms`;
}
