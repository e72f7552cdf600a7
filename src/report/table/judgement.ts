/**
 * Renders the judgement of the figures: thresholds, the members' hashes, the verdict, what most of
 * the latency comes from, Little's law, the notes.
 */
import { BROKEN_LAW, brokenLaws } from "../../result/law-words.ts";
import type { RunResult } from "../../result/schema.ts";
import { thresholdOutcome } from "../../result/threshold-outcome.ts";
import { grouped, type LabelledRun } from "../../tables/labels.ts";
import type { Paint } from "../../tables/paint.ts";
import { OUTCOME_WORDS, thresholdFigure } from "../../tables/threshold-words.ts";
import { printable } from "../../text/visible.ts";
import { dominantLine } from "../dominant-cause.ts";
import { hashLines } from "./hash-words.ts";

/** Lines that all runs share are printed once. */
export function renderJudgement(runs: readonly LabelledRun[], paint: Paint): string {
  return [
    ...grouped(runs, (result) => thresholdLines(result, paint)),
    ...grouped(runs, (result) => hashLines(result, paint)),
    ...grouped(runs, (result) => [verdictLine(result, paint)]),
    ...grouped(runs, (result) => [dominantLine(result)].filter((line) => line !== null)),
    ...grouped(runs, (result) => littlesLawLines(result, paint)),
    ...grouped(runs, ({ notes }) => notes.map((note) => `Note: ${printable(note)}`)),
  ].join("\n");
}

function thresholdLines(result: RunResult, paint: Paint): string[] {
  return result.thresholds.map((threshold) => {
    const outcome = thresholdOutcome(threshold);
    const painted = { held: paint.good, broken: paint.bad, undecided: paint.warning }[outcome];
    const word = painted(OUTCOME_WORDS[outcome]);
    const figure = printable(thresholdFigure(threshold, result));
    return `Threshold ${printable(threshold.expression)}: ${word} (${figure})`;
  });
}

function verdictLine({ verdict, status }: RunResult, paint: Paint): string {
  const color = verdict.kind === "valid" ? paint.good : paint.warning;
  const kind = paint.bold(color(verdict.kind));
  const reasons = verdict.reasons.map(printable).join("; ");
  const ended = status === "complete" ? "" : ` (${status})`;
  return `Verdict: ${kind}${ended}${reasons === "" ? "" : `: ${reasons}`}`;
}

function littlesLawLines(result: RunResult, paint: Paint): string[] {
  return brokenLaws(result).map((law) => `${paint.warning(BROKEN_LAW)} ${printable(law)}`);
}
