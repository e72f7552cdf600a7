/** Judges a soak by its rows and by the results of its segments. */
import type { RunResult } from "../result/schema.ts";
import { type ThresholdOutcome, thresholdOutcome } from "../result/threshold-outcome.ts";
import { thresholdSentence } from "../tables/threshold-words.ts";
import { formatNoun } from "../text/noun.ts";
import { LEAST_ROWS } from "./drift.ts";
import type { Drift, SoakReport, SoakTotal } from "./report-schema.ts";

type Verdict = SoakReport["verdict"];

export interface Judged {
  /** Share of failed requests above which it has failed. */
  maxErrorRate: number;
  totals: readonly SoakTotal[];
  drifts: readonly Drift[];
  /** Of the segments that came to their end. */
  results: readonly RunResult[];
}

/** The exit code follows from it. Each threshold that did not hold is among the reasons. */
export function verdictOf(judged: Judged): Verdict {
  const { results } = judged;
  const thresholds = openThresholds(results);
  const verdict = (kind: Verdict["kind"], reasons: readonly string[]): Verdict => ({
    kind,
    reasons: [...new Set([...reasons, ...thresholds.map(({ sentence }) => sentence)])],
  });
  const failures = failuresOf(judged);
  if (failures.length > 0) return verdict("failed", failures);
  // As of a run: a threshold is not held against figures that are not to be trusted.
  const invalid = results.flatMap((result) => (isRefused(result) ? invalidReason(result) : []));
  if (invalid.length > 0) return verdict("undecided", invalid);
  if (thresholds.some(({ outcome }) => outcome === "broken")) return verdict("failed", []);
  const drifting = judged.drifts.filter(({ outcome }) => outcome === "drifting");
  if (drifting.length > 0) {
    return verdict(
      "drifting",
      drifting.map(({ subject, figure }) => `the ${figure} of ${subject} rises`),
    );
  }
  const unknown = unknownReasons(judged.drifts);
  if (unknown.length > 0 || thresholds.length > 0) return verdict("undecided", unknown);
  return verdict("steady", ["no figure rises all along by more than matters"]);
}

export function unknownReason({ subject, figure, rows, boundedRows, boundedBy }: Drift): string {
  return `the ${figure} of ${subject} could not be judged: ${boundedBy} in ${boundedRows} of ${rows} rows`;
}

/** `a segment was client-limited: ...`, of the reasons that are not told elsewhere; none: all are. */
export function invalidReason(
  { verdict: { kind, reasons } }: RunResult,
  told: readonly string[] = [],
): string[] {
  const left = reasons.filter((reason) => !told.some((each) => each.includes(reason)));
  if (kind === "valid" || left.length === 0) return [];
  return [`a segment ${kind === "errors" ? "had errors" : `was ${kind}`}: ${left.join("; ")}`];
}

/** What is not known of segments that did not come to their end; null: all did. */
export function missedSegmentsNote(results: readonly RunResult[], segments: number): string | null {
  const missed = segments - results.length;
  if (missed <= 0) return null;
  const judged = results.filter(({ thresholds }) => thresholds.length > 0).length;
  const held =
    judged === 0
      ? ""
      : ` Thresholds were held against ${judged} of ${formatNoun(segments, "segment")}.`;
  return (
    `${missed} of ${formatNoun(segments, "segment")} did not come to ${missed === 1 ? "its" : "their"} end: ` +
    `whether the client was the limit there, and what else a run notes, is not known.${held}`
  );
}

function failuresOf({ maxErrorRate, totals, results }: Judged): string[] {
  const failures = [
    ...totals.flatMap(({ name, succeeded, failed }) =>
      failed > maxErrorRate * (succeeded + failed)
        ? [`${failed} of ${succeeded + failed} requests of ${name} failed`]
        : [],
    ),
    ...results.flatMap(({ faults, status, verdict }) => [
      ...(status === "failed" ? verdict.reasons : []),
      ...faults,
    ]),
  ];
  if (failures.length > 0) return failures;
  // What the rows do not show, such as requests that --max-error-rate allows where none succeeded.
  return results.flatMap(({ verdict }) => (verdict.kind === "errors" ? verdict.reasons : []));
}

/** Not valid, and --strict was given. */
function isRefused({ plan, status, verdict }: RunResult): boolean {
  return plan.judge.strict && status === "complete" && verdict.kind !== "valid";
}

function unknownReasons(drifts: readonly Drift[]): string[] {
  const unknown = drifts.filter(({ outcome }) => outcome === "unknown");
  if (unknown.length > 0) return unknown.map(unknownReason);
  return drifts.some(({ outcome }) => outcome !== "too-few")
    ? []
    : [
        `a drift shows in ${LEAST_ROWS} rows or more, without the first fifth of them: measure longer, or take a shorter --every`,
      ];
}

interface OpenThreshold {
  outcome: ThresholdOutcome;
  sentence: string;
}

/** Those that a segment broke, else those that a segment left undecided: one of each expression. */
function openThresholds(results: readonly RunResult[]): OpenThreshold[] {
  const all = results.flatMap((result) =>
    result.thresholds.map((each) => ({ result, each, outcome: thresholdOutcome(each) })),
  );
  const expressions = new Set(all.map(({ each }) => each.expression));
  return [...expressions].flatMap((expression) => {
    const own = all.filter(({ each }) => each.expression === expression);
    const isHeld = own.some(({ outcome }) => outcome === "held");
    const broken = own.filter(({ outcome }) => outcome === "broken");
    const undecided = own.filter(
      // One that was stopped soon after its begin has few samples.
      ({ outcome, result }) =>
        outcome === "undecided" && !(isHeld && result.status === "interrupted"),
    );
    const open = broken.length > 0 ? broken : undecided;
    const [first] = open;
    if (first === undefined) return [];
    const where =
      results.length === 1 ? "" : ` in ${open.length} of ${formatNoun(results.length, "segment")}`;
    const sentence = `${thresholdSentence(first.each, first.result)}${where}`;
    return [{ outcome: first.outcome, sentence }];
  });
}
