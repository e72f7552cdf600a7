/** Words what `bench ab` prints while it measures: what its pairs can prove, and each pair as it ends. */
import type { ArmName } from "../../ab/arms.ts";
import { detectableDifference, leastPairs, marginInNoise } from "../../ab/power.ts";
import type { PlannedGate, PlannedGates } from "../../compare/planned-gates.ts";
import type { Comparison, MetricComparison } from "../../compare/schema.ts";
import { hadErrors } from "../../compare/validity.ts";
import { detectableText, fractionText, metricPath } from "../../report/comparison/words.ts";
import type { RunResult } from "../../result/schema.ts";
import { describeEstimate, doneWords, type WholeEstimate } from "../../suite/estimate.ts";
import { formatNoun } from "../../text/noun.ts";
import { formatDuration as formatSpan } from "../../units.ts";
import { primaryOperations } from "../../workloads/series-roles.ts";
import { figuresOf } from "../suite/run-lines.ts";

/** Of tests that a 90% interval is made from. */
const LEAST_PAIRS_OF_NO_CHANGE = 5;

/** What is known of a session before it begins. */
export interface Outlook extends PlannedGates {
  pairs: number;
  /** Of a session that is resumed. */
  donePairs: number;
  warmupPairs: number;
  first: ArmName;
  /** The user's guess, a fraction; null without one. */
  noise: number | null;
  /** Of all runs that are not done, those of the warm-up included. */
  time: WholeEstimate;
}

/** What is planned, and what it can prove; a line each. */
export function planLines(outlook: Outlook): string[] {
  const { pairs, donePairs, warmupPairs, first, time } = outlook;
  const runs = 2 * (pairs - donePairs + warmupPairs);
  const duration = time.unknownRuns > 0 ? "" : `, ${describeEstimate(time)}`;
  const thrownAway =
    warmupPairs === 0 ? "" : `, and ${formatNoun(warmupPairs, "pair")} before them`;
  return [
    `plan: ${formatNoun(pairs, "pair")}${doneWords(donePairs)}${thrownAway}, ${runs} runs${duration}; each arm goes first in turn, ${first} in the first pair (by lot)`,
    `plan: ${powerLine(outlook)}`,
  ];
}

/** The same for the gates that the first pair has; null if they are as planned. */
export function gatesLine(soFar: Comparison, outlook: Outlook): string | null {
  const judged = testedGates(soFar);
  if (gateNames(judged) === gateNames(outlook.gates)) return null;
  if (judged.length === 0) return "plan: no gate can be judged: see the notes below the table";
  return `plan: ${powerLine({ ...outlook, gates: judged, isSure: true })}`;
}

function gateNames(gates: readonly PlannedGate[]): string {
  return gates
    .map(({ metric }) => metric)
    .toSorted()
    .join();
}

/** Those that share their false alarms by Holm; what must never happen is judged without a test. */
function testedGates({ cells }: Comparison): MetricComparison[] {
  return cells.flatMap(({ metrics }) =>
    metrics.filter(({ isGate, unit }) => isGate && unit !== "count"),
  );
}

function powerLine({ pairs, gates, isSure, noise }: Omit<Outlook, "time">): string {
  if (gates.length === 0) {
    return "no gate can be judged: the runs have too few requests, or loads that do not compare";
  }
  const number = `${isSure ? "" : "up to "}${formatNoun(gates.length, "gate")}`;
  const tests = `${number}${gates.length > 1 ? " by Holm" : ""}`;
  const unsure = isSure ? "" : "; the first pair shows whether there are fewer";
  const margin = marginInNoise(pairs, gates.length);
  if (margin === null) {
    const noChange =
      pairs < LEAST_PAIRS_OF_NO_CHANGE
        ? `, nor that there is none (${LEAST_PAIRS_OF_NO_CHANGE})`
        : "; that there is none they can";
    return `${formatNoun(pairs, "pair")} cannot prove a difference, however large (${tests}: it takes ${leastPairs(gates.length)}${unsure})${noChange}`;
  }
  // Those of one metric have the same least effect.
  const each = [...new Map(gates.map((gate) => [gate.metric, gate])).values()];
  if (noise === null) {
    const least = each.map(({ metric, leastEffect }) => `${metric} ${fractionText(leastEffect)}`);
    return (
      `a difference of the least effect (${least.join(", ")}) and ${roundedUp(margin)} times the noise is ` +
      `found in four of five experiments or more (${tests}${unsure}); the noise is how much one run differs ` +
      "from another of its kind; the first pairs show it, or give --noise"
    );
  }
  const differences = each.map((gate) => {
    const fraction = detectableDifference(pairs, gates.length, gate, noise);
    return `${detectableText(fraction)} (${gate.metric})`;
  });
  return (
    `if one run differs from another of its kind by ${fractionText(noise)} (--noise, a guess), a difference ` +
    `of ${alternatives(differences)} is found in four of five experiments (${tests}${unsure})`
  );
}

function roundedUp(times: number): string {
  return (Math.ceil(times * 100) / 100).toFixed(2);
}

/** `a, b or c`. */
function alternatives(words: readonly string[]): string {
  const [last, ...before] = words.toReversed();
  return before.length === 0 ? last! : `${before.toReversed().join(", ")} or ${last}`;
}

/** `pair 3 of 20: a 12,345/s, p99 1.20 ms; b 12,700/s, p99 1.10 ms; 4m20s left`. */
export function pairLine(
  done: number,
  pairs: number,
  runs: Record<ArmName, RunResult>,
  leftMs: number,
): string {
  const left = done === pairs ? "" : `; about ${wholeSeconds(leftMs)} left`;
  const [a, b] = [primaryOperations(runs.a)[0]!, primaryOperations(runs.b)[0]!];
  return `pair ${done} of ${pairs}: ${a.name}: a ${figuresOf(a)}; b ${figuresOf(b)}${left}`;
}

function wholeSeconds(ms: number): string {
  return formatSpan(Math.ceil(ms / 1000) * 1000);
}

/** The noise by the pairs so far, and the difference that all of them will find; a line for each gate. */
export function noiseSoFar(soFar: Comparison, pairs: number): string[] {
  const gates = testedGates(soFar);
  return gates.flatMap((gate) => {
    if (gate.noise === null) return [];
    const fraction = detectableDifference(pairs, gates.length, gate, gate.noise);
    const sees =
      fraction === null
        ? `${formatNoun(pairs, "pair")} cannot prove a difference`
        : `so that all ${pairs} see a difference of about ${detectableText(fraction)} in four of five experiments`;
    return [
      `noise of ${metricPath(gate)} by the first ${gate.pairs.length} pairs: about ${fractionText(gate.noise)}, ${sees}`,
    ];
  });
}

/**
 * Printed once for an arm, at its first run that makes the comparison invalid; null for a valid run.
 * @param isJudged false: the run is one before the pairs
 */
export function invalidLine(arm: string, run: RunResult, isJudged = true): string | null {
  const { verdict, status } = run;
  if (status === "interrupted") return null;
  const isFailed = status === "failed";
  if (!isFailed && !hadErrors(run) && verdict.kind !== "client-limited") return null;
  const why = [isFailed ? "failed" : verdict.kind, ...verdict.reasons].join("; ");
  return isJudged
    ? `note: a run of ${arm} is not valid (${why}), which makes the comparison invalid`
    : `note: a run of ${arm} before the pairs is not valid (${why}); it is not judged, but those of the pairs may end so, too`;
}
