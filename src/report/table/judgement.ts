/** Owns what a report says of the figures: thresholds, the members' hashes, the verdict, Little's law, the notes. */
import type { RunPlan, Threshold } from "../../plan/schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { holdsLittlesLaw } from "../../stats/latency.ts";
import { formatDuration, formatPercent, formatRate } from "../number-format.ts";
import { hashLines } from "./hash-words.ts";
import { grouped, type LabelledRun } from "./labels.ts";
import { type Paint, printable } from "./paint.ts";
import { describeTooFew } from "./sample-words.ts";

/** Lines that all runs share stand once. */
export function renderJudgement(runs: readonly LabelledRun[], paint: Paint): string {
  return [
    ...grouped(runs, (result) => thresholdLines(result, paint)),
    ...grouped(runs, (result) => hashLines(result, paint)),
    ...grouped(runs, (result) => [verdictLine(result, paint)]),
    ...grouped(runs, (result) => littlesLawLines(result, paint)),
    ...grouped(runs, ({ notes }) => notes.map((note) => `Note: ${printable(note)}`)),
  ].join("\n");
}

function thresholdLines({ thresholds, plan }: RunResult, paint: Paint): string[] {
  return thresholds.map((threshold) => {
    const outcome = threshold.passed ? paint.good("passed") : paint.bad("FAILED");
    return `Threshold ${printable(threshold.expression)}: ${outcome} (${measured(threshold, plan)})`;
  });
}

/** The figure, and what it leaves out or why there is none. */
function measured(outcome: RunResult["thresholds"][number], plan: RunPlan): string {
  const { expression, actual, tooFewSamples } = outcome;
  const threshold = plan.judge.thresholds.find((each) => each.expression === expression);
  const tooFew = threshold === undefined ? [] : describeTooFew(threshold, tooFewSamples);
  if (actual === null) return ["could not be measured", ...tooFew].join(": ");
  const figure = formatActual(actual, threshold?.metric);
  return tooFew.length === 0 ? figure : `${figure}; not judged: ${tooFew.join(", ")}`;
}

function formatActual(actual: number, metric: Threshold["metric"] | undefined): string {
  if (metric === undefined) return String(actual);
  if (metric === "qps") return `${formatRate(actual)}/s`;
  if (metric === "errors") return formatPercent(actual * 100);
  return formatDuration(actual);
}

function verdictLine({ verdict, status }: RunResult, paint: Paint): string {
  const color = verdict.kind === "valid" ? paint.good : paint.warning;
  const kind = paint.bold(color(verdict.kind));
  const reasons = verdict.reasons.map(printable).join("; ");
  const ended = status === "complete" ? "" : ` (${status})`;
  return `Verdict: ${kind}${ended}${reasons === "" ? "" : `: ${reasons}`}`;
}

function littlesLawLines({ operations }: RunResult, paint: Paint): string[] {
  return operations.flatMap(({ name, littlesLaw }) => {
    if (littlesLaw === null || holdsLittlesLaw(littlesLaw)) return [];
    const { expectedMeanMs, measuredMeanMs } = littlesLaw;
    return [
      `${paint.warning("Little's law does not hold")} for ${printable(name)}: ` +
        `clients over rate is ${formatDuration(expectedMeanMs)}, ` +
        `the mean latency is ${formatDuration(measuredMeanMs)}; clients stood idle, or a figure is wrong.`,
    ];
  });
}
