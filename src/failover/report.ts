/** Makes the report of a fault's trials of their results. */

import type { Availability } from "../result/availability-schema.ts";
import { changesText } from "../result/change-words.ts";
import { countedNotes } from "../result/counted-notes.ts";
import { machineTexts } from "../result/machine-words.ts";
import type { RunResult } from "../result/schema.ts";
import { unlikeNotes } from "../result/unlike-runs.ts";
import { sumOfErrors } from "../stats/distinct-counts.ts";
import { capitalised } from "../text/capitalised.ts";
import { formatNoun } from "../text/noun.ts";
import { clientNotes, controlWindowNotes } from "./client-notes.ts";
import { dataFigures } from "./data-figures.ts";
import { distributionOf } from "./distribution.ts";
import { pausedMsOf } from "./paused-client.ts";
import {
  type ControlRow,
  FAILOVER_SCHEMA_VERSION,
  type FailoverReport,
  type TrialTimeline,
} from "./report-schema.ts";
import { least, roleOf, serviceRows, type Trial, timesSinceFault, worst } from "./service-rows.ts";
import { checkThresholds, type FailoverLimit } from "./thresholds.ts";
import { verdictOf } from "./verdict.ts";

export interface FailoverSession {
  id: string;
  startedAt: string;
  events: readonly string[];
  trials: number;
  controls: number;
  thresholds: readonly FailoverLimit[];
  /**
   * In the order of their numbers; a trial without a result is left out. There is one result at least, of
   * these or of the controls, from which the settings are.
   */
  faulted: readonly RunResult[];
  control: readonly RunResult[];
  describe: string;
}

export function failoverReport(session: FailoverSession): FailoverReport {
  const assessed = session.faulted.flatMap(trialOf);
  const trials = assessed.filter(({ result }) => faultFailure(result) === null);
  const controls = session.control.flatMap(trialOf);
  const all = [...session.faulted, ...session.control];
  const { plan } = all[0]!;
  const [first] = [...trials, ...controls];
  type LeadershipFigure = (found: NonNullable<Availability["leadership"]>) => number | null;
  const leadership = (of: LeadershipFigure) => (trial: Trial) => {
    const found = trial.availability.leadership;
    return found === null ? null : of(found);
  };
  const counts = (of: LeadershipFigure) => distributionOf(trials.map(leadership(of)));
  const times = (of: LeadershipFigure) => timesSinceFault(trials, leadership(of));
  const watches = (of: (watch: Availability["watches"][number]) => number | null) =>
    timesSinceFault(trials, ({ availability }) => worst(availability.watches.map(of)));
  const report: Omit<FailoverReport, "thresholds" | "verdict"> = {
    kind: "failover",
    schemaVersion: FAILOVER_SCHEMA_VERSION,
    id: session.id,
    startedAt: session.startedAt,
    events: [...session.events],
    trials: session.trials,
    measured: trials.length,
    controls: controls.length,
    describe: session.describe,
    etcd: all.find(({ target }) => target.version !== null)?.target.version ?? "-",
    ratePerSec: plan.pacing.ratePerSec,
    timeoutMs: plan.load.timeoutMs,
    slowMs: first?.availability.slowMs ?? slowMsOf(plan.workload),
    rows: serviceRows(trials),
    control: controlRows(controls),
    leaderLostMs: times((found) => found.leaderLostMs),
    leaderElectedMs: times((found) => found.leaderElectedMs),
    firstCommitMs: times((found) => found.firstCommitMs),
    elections: counts((found) => found.elections),
    memberHealthyMs: times((found) => found.memberHealthyMs),
    memberCaughtUpMs: times((found) => found.memberCaughtUpMs),
    mostEntriesBehind: counts((found) => found.mostEntriesBehind),
    // The gap of a watcher that events did not come to was open at the end.
    watchGapMs: watches(({ events, longestGapMs, notDelivered }) =>
      events < 2 || notDelivered > 0 ? null : longestGapMs,
    ),
    watchResumeMs: watches(({ longestResumeMs }) => longestResumeMs),
    // Data that is lost without a fault is lost no less.
    data: dataFigures(assessed.map(({ result }) => result)),
    controlData: dataFigures(controls.map(({ result }) => result)),
    errors: [...errorsOf(assessed, false), ...errorsOf(controls, true)],
    timelines: trials.flatMap(timelineOf),
    notes: [...notesOf(session, assessed, controls), ...notesAround(session)],
  };
  const thresholds = checkThresholds(session.thresholds, report);
  const judged = {
    faulted: assessed.map(({ result }) => result),
    controls: controls.map(({ result }) => result),
  };
  return { ...report, thresholds, verdict: verdictOf(report, thresholds, judged) };
}

/** Of a plan of the workload availability; null of another. */
function slowMsOf(workload: RunResult["plan"]["workload"]): number | null {
  return "slowMs" in workload && typeof workload.slowMs === "number" ? workload.slowMs : null;
}

/** Why the run is no trial of its fault, which was not made or not put right; null: it is one. */
export function faultFailure({ availability, moments }: RunResult): string | null {
  const failed = moments.find(({ error }) => error !== null);
  if (failed !== undefined) return failed.error;
  return availability?.fault == null ? "the run was over before it" : null;
}

/** A run that failed before it could be assessed is no trial. */
function trialOf(result: RunResult): Trial[] {
  const { availability, status } = result;
  return availability === null || status === "interrupted"
    ? []
    : [{ result, availability, pausedMs: pausedMsOf(result) }];
}

function controlRows(controls: readonly Trial[]): ControlRow[] {
  const groups = controls.flatMap(({ availability }) => availability.groups);
  return [...new Set(groups.map(({ operation }) => operation))].map((operation) => {
    const own = groups.filter((each) => each.operation === operation);
    return {
      operation,
      runs: controls.length,
      windows: own.reduce((sum, { windows }) => sum + windows.length, 0),
      longestWindowMs: Math.max(0, ...own.map(({ longestWindowMs }) => longestWindowMs)),
      availabilityPercent: least(own.map((each) => each.availabilityPercent)),
    };
  });
}

function errorsOf(
  runs: readonly Trial[],
  isControl: boolean,
): NonNullable<FailoverReport["errors"]> {
  // The whole load is named as the workload; its operations have series of their own.
  const operations = runs.flatMap(({ result: { operations: all, plan } }) =>
    all.filter(({ name }) => name !== plan.workload.kind),
  );
  return [...new Set(operations.map(({ name }) => name))].flatMap((operation) => {
    const own = operations.filter(({ name }) => name === operation);
    const errors = sumOfErrors(own.flatMap((each) => each.errors));
    return errors.length === 0 ? [] : [{ operation, isControl, errors }];
  });
}

function timelineOf({ result, availability }: Trial): TrialTimeline[] {
  const { fault, groups, leadership } = availability;
  if (fault === null) return [];
  const whole = groups.filter(({ operation }) => operation !== "watch");
  const drawn = whole.some((each) => roleOf(each) === "all")
    ? whole.filter((each) => roleOf(each) === "all")
    : whole;
  const bins = Math.max(0, ...drawn.map(({ timeline }) => timeline.due.length));
  return [
    {
      trial: Number(result.plan.labels.trial),
      member: fault.member,
      faultMs: fault.startMs,
      lastedMs: fault.endMs === null ? null : fault.endMs - fault.startMs,
      leaderElectedMs: leadership?.leaderElectedMs ?? null,
      groups: groups.map((group) => ({
        operation: group.operation,
        role: roleOf(group),
        attachment: group.attachment,
        windows: group.windows.map(({ startMs, endMs, isOpen }) => {
          return { fromMs: startMs - fault.startMs, toMs: endMs - fault.startMs, isOpen };
        }),
      })),
      binMs: drawn[0]?.timeline.binMs ?? 0,
      good: Array.from({ length: bins }, (_, bin) => {
        const sum = (of: "due" | "good") =>
          drawn.reduce((total, { timeline }) => total + (timeline[of][bin] ?? 0), 0);
        return sum("due") === 0 ? null : sum("good") / sum("due");
      }),
    },
  ];
}

/** Faults that change the members themselves. */
const OF_MEMBERS: ReadonlySet<string> = new Set(["remove", "replace", "add"]);

/** Of the cluster without what the fault itself does: that the leader moves has figures of its own. */
function notesAround({ faulted, control }: FailoverSession): string[] {
  const changesMembers = faulted.some(({ moments }) =>
    moments.some(({ kind }) => OF_MEMBERS.has(kind)),
  );
  const kinds = ["cluster", "revision", "version", ...(changesMembers ? [] : ["member"])];
  const texts = [
    changesText(faulted, { what: "trial", kinds }),
    changesText(control, { what: "control" }),
  ];
  return [
    ...texts.flatMap((text) => text ?? []),
    ...countedNotes(faulted, { what: "trial", isTrial: true }),
    ...countedNotes(control, { what: "control" }),
    ...machineTexts(faulted, { what: "trial" }),
    ...machineTexts(control, { what: "control" }),
    ...unlikeNotes([...faulted, ...control], "trials and controls"),
  ].map(capitalised);
}

function notesOf(
  { faulted }: FailoverSession,
  assessed: readonly Trial[],
  controls: readonly Trial[],
): string[] {
  const failed = faulted.length - assessed.length;
  const reasons = assessed.flatMap(({ result }) => faultFailure(result) ?? []);
  return [
    ...(failed === 0
      ? []
      : [`${failed} of ${formatNoun(faulted.length, "trial")} could not be assessed.`]),
    ...controlWindowNotes(controls),
    ...(reasons.length === 0
      ? []
      : [
          `In ${reasons.length} of ${formatNoun(assessed.length, "trial")} the fault was not made or not put right, so only their data is in this report: ${reasons[0]}`,
        ]),
    ...clientNotes(assessed, controls),
  ];
}
