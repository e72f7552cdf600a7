/** Makes the report of trials that were kept in a folder: what `bench failover` and `bench report` print. */
import type { RunResult } from "../result/schema.ts";
import { failoverReport } from "./report.ts";
import type { FailoverReport } from "./report-schema.ts";
import type { FailoverLimit } from "./thresholds.ts";

export interface SavedTrials {
  /** Of a session of `bench failover`. */
  manifest: {
    startedAt: string;
    /** `fault` or `control`. */
    runs: readonly { arm: string | null }[];
    trials: { id: string; events: readonly string[] };
  };
  thresholds: readonly FailoverLimit[];
  /** By the place of the run in the manifest. */
  byRun: ReadonlyMap<number, readonly RunResult[]>;
  /** What each trial measures, in words. */
  describe: (result: RunResult) => string;
}

/** Null where no run has a result. */
export function reportOfTrials({
  manifest: { runs, startedAt, trials },
  thresholds,
  byRun,
  describe,
}: SavedTrials): FailoverReport | null {
  const { id, events } = trials;
  const ofArm = (arm: string) =>
    runs.flatMap((run, at) => (run.arm === arm ? (byRun.get(at) ?? []) : [])).toSorted(byNumber);
  const count = (arm: string) => runs.filter((run) => run.arm === arm).length;
  const [faulted, control] = [ofArm("fault"), ofArm("control")];
  const [first] = [...faulted, ...control];
  if (first === undefined) return null;
  return failoverReport({
    ...{ id, startedAt, events, thresholds, faulted, control, describe: describe(first) },
    trials: count("fault"),
    controls: count("control"),
  });
}

/** They were carried out in a shuffled order. */
function byNumber({ plan: { labels: one } }: RunResult, { plan: { labels: other } }: RunResult) {
  return numberOf(one) - numberOf(other);
}

function numberOf(labels: Record<string, string>): number {
  return Number(labels.trial ?? labels.control ?? 0);
}
