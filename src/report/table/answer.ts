/**
 * Writes the first lines of a report: for each primary series of a run its rate, p50 and p99 by the
 * clock that the run is judged by, what failed, the thresholds that did not hold, and the verdict.
 */
import { clockName, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../../result/schema.ts";
import { thresholdOutcome } from "../../result/threshold-outcome.ts";
import type { LabelledRun } from "../../tables/labels.ts";
import { latencyWords } from "../../tables/latency-text.ts";
import { ABSENT, formatCount, formatRate } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { OUTCOME_WORDS } from "../../tables/threshold-words.ts";
import { printable } from "../../text/visible.ts";
import { primaryOperations } from "../../workloads/series-roles.ts";

/** Published figures have no answer: nothing was run. */
export function renderAnswers(runs: readonly LabelledRun[], paint: Paint): string {
  return runs
    .filter(({ result }) => result.origin === "measured")
    .flatMap(({ label, result }) =>
      primaryOperations(result).map((operation) => {
        const line = answerLine(operation, result, paint);
        return label === "" ? line : `${label} ${line}`;
      }),
    )
    .join("\n");
}

/** `put: 8,289/s, p50 5.42 ms, p99 14.9 ms, 0 errors, valid`. */
function answerLine(operation: OperationResult, result: RunResult, paint: Paint): string {
  const rate =
    operation.throughputPerSec === null ? [] : [`${formatRate(operation.throughputPerSec)}/s`];
  const parts = [
    ...rate,
    ...latencyParts(operation),
    ...errorParts(operation, result, paint),
    ...thresholdParts(result, paint),
    verdictText(result, paint),
  ];
  const [first, ...rest] = parts;
  return [`${paint.bold(`${printable(operation.name)}: ${first}`)}`, ...rest].join(", ");
}

/** Only a paced run has two clocks, so only there the clock is named. */
function latencyParts(operation: OperationResult): string[] {
  const latency = judgedLatency(operation);
  const parts = (["p50Ms", "p99Ms"] as const).flatMap((field) => {
    const text = latencyWords(latency, field);
    return text === ABSENT ? [] : [`${field.slice(0, -2)} ${text}`];
  });
  const last = parts.pop();
  if (last === undefined) return [];
  const clock = judgedClock(operation);
  return [...parts, clock === "response" ? `${last} (${clockName(clock)})` : last];
}

/** Errors of requests; the verdict names other errors. */
function errorParts({ requests }: OperationResult, { verdict }: RunResult, paint: Paint): string[] {
  const { offered, failed, dropped } = requests;
  if (failed + dropped === 0) return verdict.kind === "errors" ? [] : ["0 errors"];
  const parts = [
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(dropped > 0 ? [`${formatCount(dropped)} dropped`] : []),
  ];
  return [paint.bad(`${parts.join(" and ")} of ${formatCount(offered)}`)];
}

function thresholdParts({ thresholds }: RunResult, paint: Paint): string[] {
  return thresholds.flatMap((threshold) => {
    const outcome = thresholdOutcome(threshold);
    if (outcome === "held") return [];
    const painted = outcome === "broken" ? paint.bad : paint.warning;
    return [`${printable(threshold.expression)} ${painted(OUTCOME_WORDS[outcome])}`];
  });
}

function verdictText({ verdict, status }: RunResult, paint: Paint): string {
  const color = verdict.kind === "valid" ? paint.good : paint.warning;
  const ended = status === "complete" ? "" : ` (${status})`;
  return `${paint.bold(color(verdict.kind))}${ended}`;
}
