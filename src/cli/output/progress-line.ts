/** Owns one line of progress as text: pure, from what a run tells of itself and a width. */

import type { RunProgress } from "../../run/progress.ts";
import { cutToWidth } from "../../text/width.ts";
import { withThousands } from "../../thousands.ts";

const BAR_WIDTH = 20;
const RED = "\u001b[31m";
const RESET = "\u001b[39m";

/** For a terminal: never wider than `widthColumns`, colour not counted. */
export function terminalLine(
  progress: RunProgress,
  { widthColumns, color }: { widthColumns: number; color: boolean },
): string {
  const parts = [progress.phase.padEnd(9)];
  if (progress.phase === "measuring") parts.push(bar(progress.fraction));
  const text = [...parts, ...figures(progress)].join("  ");
  const cut = cutToWidth(text, widthColumns);
  const errors = errorsText(progress.failed);
  if (!color || progress.failed === 0) return cut;
  return cut.replace(`  ${errors}`, `  ${RED}${errors}${RESET}`);
}

/** For a log: the same figures, the share in per cent instead of a bar. */
export function plainLine(progress: RunProgress): string {
  const { phase, fraction } = progress;
  const head = phase === "measuring" ? `${phase} ${Math.floor(clamp(fraction) * 100)}%` : phase;
  return [head, ...figures(progress)].join(", ");
}

function figures(progress: RunProgress): string[] {
  const parts = [seconds(progress.elapsedSeconds)];
  if (progress.phase === "opening") return parts;
  if (progress.ratePerSec !== null) {
    parts.push(`${withThousands(progress.ratePerSec)}/s`);
  }
  if (progress.p99Ms !== null) parts.push(`p99 ${milliseconds(progress.p99Ms)}`);
  parts.push(errorsText(progress.failed));
  if (progress.secondsLeft !== null) parts.push(`${seconds(progress.secondsLeft)} left`);
  return parts;
}

function bar(fraction: number): string {
  const share = clamp(fraction);
  const done = Math.floor(share * BAR_WIDTH);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `[${"=".repeat(done)}${" ".repeat(BAR_WIDTH - done)}]${percent}`;
}

/** Not a number: nothing is known yet, which is no progress. */
function clamp(fraction: number): number {
  return fraction > 0 ? Math.min(1, fraction) : 0;
}

function errorsText(failed: number): string {
  return `${withThousands(failed)} ${failed === 1 ? "error" : "errors"}`;
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
