/** Finds what invalidates a comparison: runs that failed, a client that was the limit. */
import { brokenPromises } from "../failover/broken-promises.ts";
import { mostFrequentError } from "../result/error-words.ts";
import { machineOf } from "../result/machine-of.ts";
import type { RunResult } from "../result/schema.ts";
import { sumOfErrors } from "../stats/distinct-counts.ts";
import { countedFigures } from "./availability-metrics.ts";
import type { Cell } from "./cells.ts";

/** A clause for each reason; empty where the runs of the cell can be judged. */
export function invalidReasons(cell: Cell): string[] {
  const runs = [...cell.base, ...cell.head];
  const reasons: string[] = [];
  const count = (of: (run: RunResult) => boolean, what: string, why = "") => {
    const found = runs.filter(of).length;
    if (found > 0) reasons.push(`${found} of ${runs.length} runs ${what}${why}`);
  };
  const brokeOff = ({ status }: RunResult) => status !== "complete";
  // Of one that was interrupted the reasons say nothing of its end.
  const failed = runs.filter(({ status }) => status === "failed");
  count(brokeOff, "did not end as planned", firstReason(failed));
  count(hadErrors, "had errors", whyOf(runs.filter(hadErrors)));
  const wasLimited = ({ verdict }: RunResult) => verdict.kind === "client-limited";
  count(wasLimited, "were limited by the client", firstReason(runs.filter(wasLimited)));
  const machines = new Set(runs.map(machineOf));
  if (machines.size > 1) reasons.push(`the machines differ: ${[...machines].join(" and ")}`);
  return reasons;
}

/** But for what must never happen, which a comparison counts. */
export function hadErrors(run: RunResult): boolean {
  const { kind, reasons } = run.verdict;
  if (kind !== "errors") return false;
  const counted = brokenPromises(countedFigures([run]));
  return reasons.length === 0 || reasons.some((reason) => !counted.includes(reason));
}

/** Of more reasons of one run its result tells. */
const MOST_REASONS = 3;

/** `: what the verdict of the first says`; empty where it says nothing, or there is none. */
function firstReason([first]: readonly RunResult[]): string {
  return clauses(first?.verdict.reasons ?? []);
}

/** `: CODE: message` of the most frequent error, and what else than requests failed in the first run. */
function whyOf(runs: readonly RunResult[]): string {
  const errors = sumOfErrors(
    runs.flatMap(({ operations }) => operations.flatMap((each) => each.errors)),
  );
  // Without its share: a request is counted for the whole load and for its kind.
  const why = mostFrequentError(errors.slice(0, 1));
  const isOfRequests = (reason: string) => errors.some(({ message }) => reason.includes(message));
  const others = (runs[0]?.verdict.reasons ?? []).filter((reason) => !isOfRequests(reason));
  return clauses([...(why === null ? [] : [why]), ...others]);
}

function clauses(reasons: readonly string[]): string {
  const more = reasons.length - MOST_REASONS;
  const shown = [...reasons.slice(0, MOST_REASONS), ...(more > 0 ? [`and ${more} more`] : [])];
  return shown.length === 0 ? "" : `: ${shown.join("; ")}`;
}

/** Runs that were paced and could not be sent in time: told of, since waiting is in their figures. */
export function rateNotes({ name, base, head }: Cell): string[] {
  const unmet = [...base, ...head].filter(({ verdict }) => verdict.kind === "rate-unmet").length;
  if (unmet === 0) return [];
  return [
    `${name}: ${unmet} of ${base.length + head.length} runs did not meet their rate; ` +
      "the response times hold the waiting.",
  ];
}

/** Runs whose agents did not begin together, so that their load was another one at first. */
export function skewNotes({ name, base, head }: Cell): string[] {
  const all = [...base, ...head];
  const skewed = all.filter(({ verdict }) => verdict.kind === "skewed");
  if (skewed.length === 0) return [];
  return [`${name}: ${skewed.length} of ${all.length} runs were skewed${firstReason(skewed)}.`];
}
