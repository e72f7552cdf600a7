/** Judges the trials of a fault: what broke a promise of etcd, and what could not be looked at. */

import { hashFaults } from "../result/hash-kv.ts";
import type { RunResult } from "../result/schema.ts";
import { unreadMembers } from "../result/unread-members.ts";
import { formatNoun } from "../text/noun.ts";
import { brokenPromises, count } from "./broken-promises.ts";
import type { DataFigures, FailoverReport } from "./report-schema.ts";

/** Runs by their arm; those of controls are judged too: what is lost without a fault is lost no less. */
export interface Judged {
  faulted: readonly RunResult[];
  controls: readonly RunResult[];
}

export function verdictOf(
  report: Omit<FailoverReport, "thresholds" | "verdict">,
  thresholds: FailoverReport["thresholds"],
  { faulted, controls }: Judged,
): FailoverReport["verdict"] {
  const { data, controlData, measured, trials } = report;
  const broken = [
    ...brokenPromises(data),
    ...brokenPromises(controlData).map(ofControls),
    ...thresholds
      .filter(({ outcome }) => outcome !== "held")
      .map(({ expression, outcome, reason }) => {
        const why = reason === null ? "" : ` (${reason})`;
        return `threshold ${expression} is ${outcome}${why}`;
      }),
  ];
  const promises = promisesOf(faulted);
  const open = [
    ...(measured < trials
      ? [
          `${measured} of ${formatNoun(trials, "trial")} ${measured === 1 ? "has" : "have"} a figure`,
        ]
      : []),
    ...faulted.flatMap((result) => notRead(result, `trial ${numberOf(result)}`)),
    ...controls.flatMap((result) => notRead(result, `control ${numberOf(result)}`)),
    ...unseenOf(promises, data),
    ...unseenOf(promisesOf(controls), controlData).map((clause) => `in control runs ${clause}`),
    ...lateEvents(data),
    ...lateEvents(controlData).map(ofControls),
  ];
  if (broken.length > 0) return { kind: "failed", reasons: [...broken, ...open] };
  if (open.length > 0) return { kind: "incomplete", reasons: open };
  const kept = promises.map((each) => each.kept);
  return { kind: "passed", reasons: kept.length > 0 ? kept : [NOTHING_PROMISED] };
}

function ofControls(clause: string): string {
  return `${clause} in control runs`;
}

/** Of the operations that took part. */
function promisesOf(results: readonly RunResult[]): readonly Promised[] {
  const groups = results.flatMap(({ availability }) => availability?.groups ?? []);
  const operations = new Set(groups.map(({ operation }) => operation));
  return PROMISES.filter(({ operation }) => operations.has(operation));
}

/** The promises that nothing was answered for, a clause each. */
function unseenOf(promises: readonly Promised[], data: DataFigures): string[] {
  return promises.flatMap(({ isSeen, unseen }) => (isSeen(data) ? [] : [unseen]));
}

/** Of a load of serializable reads alone. */
const NOTHING_PROMISED =
  "each trial has its figures, and its operations promise nothing of the data";

function lateEvents({ eventsNotDelivered }: DataFigures): string[] {
  return count(
    eventsNotDelivered,
    "watch event had not come by the end",
    "watch events had not come by the end",
  );
}

interface Promised {
  operation: string;
  /** Whether anything was answered that could break it. */
  isSeen(data: DataFigures): boolean;
  kept: string;
  unseen: string;
}

const PROMISES: readonly Promised[] = [
  {
    operation: "put",
    isSeen: ({ acknowledged }) => acknowledged > 0,
    kept: "no acknowledged write was lost or applied twice",
    unseen: "no write was acknowledged, so that none could be lost",
  },
  {
    operation: "range-linearizable",
    isSeen: ({ linearizableReads }) => linearizableReads > 0,
    kept: "no linearizable read went back",
    unseen: "no linearizable read was answered",
  },
  {
    operation: "watch",
    isSeen: ({ eventsLost }) => eventsLost !== null,
    kept: "no watch event was lost or came twice",
    unseen: "no watch event came",
  },
  {
    operation: "lease-keepalive",
    isSeen: ({ leasesExpired }) => leasesExpired !== null,
    kept: "no lease expired early",
    unseen: "no keep-alive was answered",
  },
  {
    operation: "lock",
    isSeen: ({ twoOwners }) => twoOwners !== null,
    kept: "no lock had two owners",
    unseen: "no lock was acquired",
  },
];

function numberOf({ plan: { labels } }: RunResult): string {
  return labels.trial ?? labels.control ?? "-";
}

/** What a run's data could not be checked by at its end, a clause each. */
function notRead({ availability, hashKv }: RunResult, name: string): string[] {
  const unread = availability?.writes == null ? [] : unreadMembers(availability.writes);
  const uncompared = hashKv?.isEqual === null ? hashFaults(hashKv) : [];
  return [...unread, ...uncompared].map((each) => `${name}: ${each}`);
}
