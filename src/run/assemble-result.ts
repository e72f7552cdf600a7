/** Assembles the RunResult of a measurement: what its parts have gathered, judged and put together. */

import { toThreadNs } from "../clock.ts";
import type { SampledServers } from "../etcd/metrics-sampler.ts";
import type { TakenProfile } from "../etcd/profile-watch.ts";
import type { KnownMembers } from "../etcd/target-watch.ts";
import type { EventsOutcome } from "../events/schedule.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { Availability } from "../result/availability-schema.ts";
import { cancelNotes } from "../result/cancel-notes.ts";
import { changeNote } from "../result/change-words.ts";
import { clientDoubts } from "../result/client-doubts.ts";
import { describeEnvironment } from "../result/environment.ts";
import { expectedFailures } from "../result/failed-share.ts";
import { resentNotes } from "../result/resent.ts";
import type {
  EtcdEvent,
  Fairness,
  HashKv,
  ProfileResult,
  RunResult,
  TargetChange,
} from "../result/schema.ts";
import { RESULT_SCHEMA_VERSION } from "../result/schema-version.ts";
import { formatNoun } from "../text/noun.ts";
import { agentNotes, measuredSecondsOf } from "./agent-doubts.ts";
import { agentMachineDoubts } from "./agent-machine-doubts.ts";
import { heldBackNotes } from "./held-back.ts";
import { machineDoubts, tooManyWorkers } from "./machine-doubts.ts";
import { findNear } from "./near-slow-requests.ts";
import type { Prepared } from "./prepare.ts";
import { profileResult } from "./profiles.ts";
import type { RunTimes } from "./run-times.ts";
import { leaderChangeEvent } from "./target-monitor.ts";
import { checkThresholds } from "./thresholds.ts";
import { idleNotes } from "./used-connections.ts";
import { judge } from "./verdict.ts";

const MOST_NOTES = 200;
const MOST_EVENTS = 2_000;

export interface Gathered {
  status: RunResult["status"];
  /** Why it failed, a sentence each. */
  failures: readonly string[];
  notes: readonly string[];
  times: RunTimes;
  /** Of the measured phase. */
  durationSeconds: number;
  operations: RunResult["operations"];
  byEndpoint: RunResult["byEndpoint"];
  connections: RunResult["target"]["connections"];
  client: RunResult["client"];
  machine: RunResult["machine"];
  /** Of what was due, how much was sent in time; null without a schedule. */
  sentShare: number | null;
  hashKv: HashKv | null;
  availability: Availability | null;
  sampled: SampledServers;
  scheduled: EventsOutcome;
  /** Of etcd, of the slowest window. */
  profiles: readonly TakenProfile[];
  dataFileSystem: string | null;
  changes: readonly TargetChange[];
  membersAtEnd: KnownMembers | null;
  /** What else than requests failed, a clause each. */
  faults: readonly string[];
  /** Null: not known. */
  hasPutKeys: boolean | null;
}

/** Agents say what their clients acquired when they have ended, and a lost one never does. */
function fairnessOf({ fairness }: Prepared, { agents = [] }: RunResult["client"]): Fairness | null {
  const found = fairness?.() ?? null;
  const isUnknown = agents.some(({ lost }) => lost !== null) || found?.jainIndex === null;
  return agents.length > 0 && isUnknown ? null : found;
}

export function assembleResult(plan: RunPlan, prepared: Prepared, gathered: Gathered): RunResult {
  const { operations, byEndpoint, client, machine, hashKv, sampled, scheduled, times } = gathered;
  operations[0]!.fairness = fairnessOf(prepared, client);
  const { sentShare, durationSeconds } = gathered;
  const { faults, changes, membersAtEnd, connections } = gathered;
  const verdict = judge(plan, operations, client, { sentShare }, hashKv, faults);
  verdict.reasons.unshift(...gathered.failures);
  const { target } = prepared;
  const environment = describeEnvironment();
  const moments = eventsOf(gathered);
  findNear(operations, { moments, server: sampled.server, client });
  const isFromHere = client.agents === undefined;
  const overcommitted = isFromHere
    ? tooManyWorkers(plan.load.workers, environment.cpusAvailable)
    : null;
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    id: times.id,
    origin: "measured",
    startedAt: times.startedAt.toISOString(),
    measuredAt: times.measuredAt?.toISOString() ?? null,
    durationSeconds,
    status: gathered.status,
    verdict,
    notes: bounded([
      ...gathered.notes,
      ...idleNotes(plan.load, connections),
      ...clientDoubts(operations, client).doubts,
      ...(overcommitted === null ? [] : [overcommitted]),
      ...machineDoubts(machine, durationSeconds),
      ...agentNotes(client.agents, measuredSecondsOf(operations)),
      ...agentMachineDoubts(client.agents, durationSeconds),
      ...heldBackNotes(operations),
      ...resentNotes(operations),
      ...cancelNotes(operations),
      ...expectedFailures(operations, plan),
      ...scheduled.notes,
      ...sampled.notes,
      ...changes.map(changeNote),
      ...eventsLeftOut(gathered),
    ]),
    thresholds: checkThresholds(
      plan.judge.thresholds,
      operations,
      plan.search?.limits,
      plan.workload.kind,
      byEndpoint,
    ),
    plan,
    search: null,
    environment,
    target: {
      endpoints: target.endpoints,
      clusterId: target.clusterId,
      version: target.version,
      revision: revisionOf(target),
      dataFileSystem: gathered.dataFileSystem,
      members: target.members.map(({ id, metricsUrls, revision, ...member }) => member),
      connections: [...connections],
      changes: [...changes],
      membersAtEnd:
        membersAtEnd === null ? null : [...membersAtEnd].map(([id, name]) => ({ id, name })),
    },
    faults: [...faults],
    hasPutKeys: gathered.hasPutKeys,
    operations,
    byEndpoint: [...byEndpoint],
    moments,
    profiles: profileResults(gathered),
    hashKv,
    availability: gathered.availability,
    client,
    machine,
    server: sampled.server,
  };
}

/** The newest that a member told. */
function revisionOf({ members }: Prepared["target"]): number | null {
  const told = members.flatMap(({ revision }) => revision ?? []);
  return told.length === 0 ? null : Math.max(...told);
}

/** A list that a run of days could make long is cut, and what is left out is counted. */
function bounded(notes: readonly string[]): string[] {
  const left = notes.length - MOST_NOTES;
  return left <= 0
    ? [...notes]
    : [...notes.slice(0, MOST_NOTES), `${left} further notes are left out.`];
}

function eventsLeftOut({ sampled, scheduled }: Gathered): string[] {
  const left = scheduled.events.length + sampled.leaderChanges.length - MOST_EVENTS;
  return left <= 0
    ? []
    : [
        `The first ${MOST_EVENTS} events of etcd are listed, and ${formatNoun(left, "later one is", "later ones are")} not.`,
      ];
}

function profileResults({ profiles, times }: Gathered): ProfileResult[] {
  const originMs = toThreadNs(times.originNs) / 1e6;
  return profiles.map((profile) => profileResult(profile, times.id, originMs));
}

/** Those of the schedule, and those that the metrics show. */
function eventsOf({ sampled, scheduled, times }: Gathered): EtcdEvent[] {
  const originMs = toThreadNs(times.originNs) / 1e6;
  const leaderChanges = sampled.leaderChanges.map((change) => leaderChangeEvent(change, originMs));
  const all = [...scheduled.events, ...leaderChanges];
  return all.sort((a, b) => a.startSeconds - b.startSeconds).slice(0, MOST_EVENTS);
}
