/** Words for what came of a threshold, the same in every format. */
import type { Threshold } from "../plan/schema.ts";
import { clockName, isAnyPaced, judgedClock } from "../result/judged-latency.ts";
import type { RunResult } from "../result/schema.ts";
import {
  type ThresholdOutcome,
  type ThresholdResult,
  thresholdOutcome,
} from "../result/threshold-outcome.ts";
import { boundWords } from "./latency-text.ts";
import { formatDuration, formatPercent, formatRate } from "./number-format.ts";
import { describeTooFew } from "./sample-words.ts";

export const OUTCOME_WORDS: Record<ThresholdOutcome, string> = {
  held: "passed",
  broken: "FAILED",
  undecided: "undecided",
};

/** `52.6 ms response time`, `at most 77.0 ms`, and of what is undecided why. */
export function thresholdFigure(each: ThresholdResult, { plan, operations }: RunResult): string {
  const threshold = plan.judge.thresholds.find(({ expression }) => expression === each.expression);
  const figure = measured(each, threshold?.metric);
  const isLatency = threshold !== undefined && isLatencyMetric(threshold.metric);
  const clock = figure !== null && isLatency ? clockWords(each, operations) : "";
  const tooFew = threshold === undefined ? [] : describeTooFew(threshold, each.tooFewSamples);
  const told = figure === null ? "could not be measured" : `${figure}${clock}`;
  if (thresholdOutcome(each) === "undecided") {
    const why = each.reason === null ? tooFew : [each.reason];
    return [told, ...why].join(": ");
  }
  return tooFew.length === 0 ? told : `${told}; not judged: ${tooFew.join(", ")}`;
}

/** `p99<20ms was undecided (p99 needs 1000 samples, put has 40)`. */
export function thresholdSentence(each: ThresholdResult, result: RunResult): string {
  return `threshold ${each.expression} ${OUTCOME_WORDS[thresholdOutcome(each)]} (${thresholdFigure(each, result)})`;
}

/** Nothing for a closed loop, which has one clock. */
function clockWords({ clock }: ThresholdResult, operations: RunResult["operations"]): string {
  if (!isAnyPaced(operations)) return "";
  const clocks = new Set(operations.map(judgedClock));
  const [only] = clocks;
  const known = clock ?? (clocks.size === 1 ? only! : null);
  return known === null ? " response or service time" : ` ${clockName(known)}`;
}

export function isLatencyMetric(metric: Threshold["metric"]): boolean {
  return metric !== "qps" && metric !== "errors";
}

/** Null where nothing is known of it. */
export function measured(
  { actual, atLeast, atMost }: Pick<ThresholdResult, "actual" | "atLeast" | "atMost">,
  metric: Threshold["metric"] | undefined,
): string | null {
  if (actual !== null) return formatActual(actual, metric);
  if (metric === undefined) return null;
  if (isLatencyMetric(metric)) return boundWords(atLeast, atMost);
  // A share of failures lies between two where it is not known whose requests were never sent.
  if (atLeast === null || atMost === null) return null;
  return `${formatActual(atLeast, metric)} to ${formatActual(atMost, metric)}`;
}

function formatActual(actual: number, metric: Threshold["metric"] | undefined): string {
  if (metric === undefined) return String(actual);
  if (metric === "qps") return `${formatRate(actual)}/s`;
  if (metric === "errors") return formatPercent(actual * 100);
  return formatDuration(actual);
}
