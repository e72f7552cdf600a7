/**
 * Finds what most of a run's latency comes from, where the result proves it: an event, a leader change,
 * the client, fsync, backend commits, round trips between members, CPU, or slow applies. It is one line
 * under every report, and none where the figures cannot tell.
 */
import { describeEvent } from "../events/describe-event.ts";
import { LEADER_CHANGE, SEEN_AFTER_SECONDS } from "../events/leader-change.ts";
import { clockName, judgedClock, judgedLatency } from "../result/judged-latency.ts";
import { isLocalEndpoint } from "../result/local-endpoint.ts";
import type { OperationResult, RunResult, ServerResult } from "../result/schema.ts";
import { formatDuration, formatPercent } from "../tables/number-format.ts";
import { printable } from "../text/visible.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { primaryOperations } from "../workloads/series-roles.ts";

/** Of a latency, from which on something is most of it. */
const MOST = 0.5;
/** Of the time that a member's log or backend was busy: requests wait in a queue before it. */
const BUSY = 0.7;
/** Means of etcd and of the client are over slightly different times. */
const TOLERANCE = 1.25;
/** Of the machine that etcd and the client share. */
const IDLE_PERCENT = 10;
/** etcd counts an apply as slow from 100 ms on. */
const SLOW_APPLY_MS = 100;
/** Of the requests: their p99 may come from them. */
const SLOW_APPLIES_SHARE = 0.01;

/** A part of a latency: 1 is all of it. */
interface Share {
  share: number;
  text: string;
}

/** `Latency of put: mostly WAL fsync of m1, 7.20 ms of 10.5 ms in the mean`; null: it cannot be told. */
export function dominantLine(result: RunResult): string | null {
  if (result.origin !== "measured") return null;
  for (const operation of primaryOperations(result)) {
    const text = causeOf(operation, result);
    if (text !== null) return `Latency of ${printable(operation.name)}: ${text}`;
  }
  return null;
}

/** What explains the most comes first: an event makes all else slow, too. */
function causeOf(operation: OperationResult, result: RunResult): string | null {
  const tail = tailOfEvent(operation, result) ?? tailOfLeaderChange(operation, result);
  if (tail !== null) return tail;
  const { verdict } = result;
  if (verdict.kind === "client-limited")
    return "the client's own lateness is in it, see the verdict";
  const waiting =
    judgedClock(operation) === "response" ? waitForClients(operation, result.client) : null;
  const inEtcd = mostOf(operation, result);
  if (waiting === null) return inEtcd === null ? null : `mostly ${inEtcd}`;
  return `mostly ${waiting}${inEtcd === null ? "" : `; of the service time mostly ${inEtcd}`}`;
}

/** Without the requests that events touched, half of p99 or less is left. */
function tailOfEvent(operation: OperationResult, { moments }: RunResult): string | null {
  if (operation.moments === null) return null;
  const { during, outside } = operation.moments;
  const [all, calm] = [judgedLatency(operation).p99Ms, judgedLatency(outside).p99Ms];
  if (all === null || calm === null || calm > all * MOST) return null;
  const names = moments
    .filter(({ kind, durationSeconds }) => durationSeconds !== null && kind !== LEADER_CHANGE.kind)
    .map((event) => printable(describeEvent(event)));
  const touched = judgedLatency(during).p99Ms;
  const inEvents = touched === null ? "" : `, ${formatDuration(touched)} during it`;
  const [first, ...more] = new Set(names);
  const what = first === undefined ? "events" : [first, ...more].slice(0, 2).join(", ");
  return `the tail comes from ${what}: p99 ${formatDuration(all)} of all requests${inEvents}, ${formatDuration(calm)} outside`;
}

/**
 * The slowest request ended around a leader change, and all other seconds were twice as fast. Of a second
 * in which requests failed it is known how long they had waited, and not what they would have taken.
 */
function tailOfLeaderChange(operation: OperationResult, { moments }: RunResult): string | null {
  const change = moments.find(({ kind }) => kind === LEADER_CHANGE.kind);
  if (change === undefined || operation.moments !== null) return null;
  const isPaced = judgedClock(operation) === "response";
  const maxima = operation.intervals.map((interval) => {
    const field = isPaced ? "responseMaxMs" : "maxMs";
    const leastMs = interval[field] == null ? (interval.atLeast?.[field] ?? null) : null;
    const maxMs = interval[field] ?? leastMs;
    const from = change.startSeconds - SEEN_AFTER_SECONDS;
    // A request that waited for the election has ended up to its own time later.
    const to = change.startSeconds + (maxMs ?? 0) / 1000;
    const endSeconds = interval.startSeconds + interval.durationSeconds;
    const isNear = interval.startSeconds <= to && endSeconds >= from;
    return { maxMs, isNear, isLeast: leastMs !== null };
  });
  if (maxima.some(({ isNear, isLeast }) => isLeast && !isNear)) return null;
  const isNearKnown = maxima.every(({ isNear, isLeast }) => !isNear || !isLeast);
  const largest = (isNear: boolean) =>
    Math.max(0, ...maxima.filter((each) => each.isNear === isNear).map(({ maxMs }) => maxMs ?? 0));
  const [near, others] = [largest(true), largest(false)];
  if (near === 0 || others === 0 || others > near * MOST) return null;
  return (
    `the tail comes from a leader change at ${change.startSeconds.toFixed(1)} s: ` +
    `${isNearKnown ? "up to" : "at least"} ${formatDuration(near)} around it, ${formatDuration(others)} in all other seconds`
  );
}

/** All clients had a request in flight when others came due. Where one was free, the client itself sent late. */
function waitForClients(
  { responseTime, serviceTime }: OperationResult,
  { dispatchLagTotalMs }: RunResult["client"],
): string | null {
  const [response, service] = [responseTime?.meanMs, serviceTime.meanMs];
  if (response == null || service == null || dispatchLagTotalMs === null) return null;
  const waitMs = response - service - dispatchLagTotalMs / responseTime!.count;
  if (waitMs < response * MOST) return null;
  return `the wait for a free client, ${formatDuration(waitMs)} of ${formatDuration(response)} in the mean ${clockName("response")}`;
}

/** What etcd's own metrics show to be most of the service time; null: none is. */
function mostOf(operation: OperationResult, result: RunResult): string | null {
  const shares = [
    ...sharesOfWrites(operation, result),
    shareOfCpu(result),
    shareOfApplies(operation, result),
  ].filter((each) => each !== null);
  const [first] = shares.sort((a, b) => b.share - a.share);
  return first?.text ?? null;
}

/** Of a workload whose requests are writes, through the leader, which was one all the time. */
function sharesOfWrites({ serviceTime }: OperationResult, result: RunResult): (Share | null)[] {
  const leader = leaderOf(result);
  const { meanMs } = serviceTime;
  const isWrite = workloadNamed(result.plan.workload.kind).waitsForCommit;
  if (!isWrite || leader === null || meanMs === null) return [];
  const { walFsyncMeanMs, walFsyncSeconds, backendCommitMeanMs, backendCommitSeconds } = leader;
  const name = printable(leader.member || leader.endpoint);
  const part = (what: string, partMs: number | null): Share | null => {
    if (partMs === null || partMs < meanMs * MOST || partMs > meanMs * TOLERANCE) return null;
    const text = `${what}, ${formatDuration(partMs)} of ${formatDuration(meanMs)} in the mean`;
    return { share: Math.min(1, partMs / meanMs), text };
  };
  const busy = (what: string, seconds: number | null, each: number | null): Share | null => {
    const share = seconds === null ? 0 : Math.min(1, seconds / result.durationSeconds);
    if (share < BUSY) return null;
    const text = `${what}, which took ${formatPercent(100 * share)} of the time, ${formatDuration(each)} each in the mean`;
    return { share, text };
  };
  const hasPeers = result.server.length > 1;
  return [
    part(`WAL fsync of ${name}`, walFsyncMeanMs) ??
      busy(`WAL fsync of ${name}`, walFsyncSeconds, walFsyncMeanMs),
    busy(`backend commits of ${name}`, backendCommitSeconds, backendCommitMeanMs),
    hasPeers ? part(`the round trip from ${name} to its peers`, leader.peerRoundTripMeanMs) : null,
  ];
}

/** Of an etcd on this machine, which it has left nothing of. */
function shareOfCpu({ machine, plan, server, environment }: RunResult): Share | null {
  const isHere =
    plan.target.local !== null || server.every(({ endpoint }) => isLocalEndpoint(endpoint));
  const idlePercent = machine?.idleCpuPercent ?? null;
  const known = server.flatMap(({ cpuPercent }) => cpuPercent ?? []);
  if (!isHere || idlePercent === null || idlePercent >= IDLE_PERCENT || known.length === 0) {
    return null;
  }
  const cpus = environment.cpus ?? 0;
  const share = known.reduce((sum, percent) => sum + percent, 0) / 100 / cpus;
  if (!(share >= MOST)) return null;
  const text = `CPU: etcd took ${formatPercent(100 * share)} of the machine, and ${formatPercent(idlePercent)} was idle`;
  return { share: Math.min(1, share), text };
}

function shareOfApplies(operation: OperationResult, { server }: RunResult): Share | null {
  const { p99Ms, count } = judgedLatency(operation);
  const slow = Math.max(0, ...server.map(({ slowApplies }) => slowApplies ?? 0));
  if (p99Ms === null || p99Ms < SLOW_APPLY_MS || slow < count * SLOW_APPLIES_SHARE) return null;
  const text = `applies: ${slow} took longer than ${SLOW_APPLY_MS} ms`;
  // Of the tail alone, so that whatever is most of the mean goes before it.
  return { share: 0, text };
}

/** Null where it is not known, or was not one member all the time. */
function leaderOf({ server, target }: RunResult): ServerResult | null {
  if (server.some(({ leaderChanges }) => (leaderChanges ?? 0) > 0)) return null;
  if (server.length === 1) return server[0]!;
  const leader = target.members.find(({ isLeader }) => isLeader);
  return server.find(({ member }) => member === leader?.name) ?? null;
}
