/**
 * Calculates what to set: heartbeat and election timeouts from round trips, a quota from the size of
 * the database, and the commands that give etcd's packets and disk priority over others'.
 */

import { isIPv6 } from "node:net";
import os from "node:os";
import { splitEndpoint } from "../net/host-port.ts";

/** etcd's defaults, and the most that it or its authors allow. */
export const DEFAULT_HEARTBEAT_MS = 100;
export const DEFAULT_ELECTION_MS = 1_000;
export const MOST_ELECTION_MS = 50_000;
export const DEFAULT_QUOTA_BYTES = 2 * 2 ** 30;
export const MOST_QUOTA_BYTES = 8 * 2 ** 30;
/** Of the round trip: what the heartbeat is to be between, and how many an election takes at least. */
const LEAST_HEARTBEAT_TRIPS = 0.5;
const MOST_HEARTBEAT_TRIPS = 1.5;
const ELECTION_TRIPS = 10;
/** etcd refuses an election timeout below so many heartbeats. */
const LEAST_ELECTION_HEARTBEATS = 5;
const STEP_MS = 10;

export interface Timeouts {
  member: string;
  heartbeatMs: number;
  electionMs: number;
}

export interface TimeoutAdvice {
  /** The largest mean round trip between members; null: not known. */
  roundTripMs: number | null;
  heartbeatMs: number;
  electionMs: number;
  /** What is wrong with the timeouts that are set, a sentence each; empty: nothing is. */
  complaints: string[];
}

/**
 * @param timeouts of each member whose settings are known
 * @param roundTripMs the largest mean round trip between members; null: not known
 */
export function adviseTimeouts(
  timeouts: readonly Timeouts[],
  roundTripMs: number | null,
): TimeoutAdvice {
  const heartbeatMs = Math.max(DEFAULT_HEARTBEAT_MS, roundedUp(roundTripMs ?? 0));
  const electionMs = Math.min(
    MOST_ELECTION_MS,
    Math.max(DEFAULT_ELECTION_MS, ELECTION_TRIPS * heartbeatMs),
  );
  const complaints = [
    ...unequal(timeouts, "heartbeatMs", "--heartbeat-interval"),
    ...unequal(timeouts, "electionMs", "--election-timeout"),
    ...new Set(timeouts.flatMap((each) => complaintsOf(each, roundTripMs))),
  ];
  return { roundTripMs, heartbeatMs, electionMs, complaints };
}

function complaintsOf({ heartbeatMs, electionMs }: Timeouts, tripMs: number | null): string[] {
  const complaints: string[] = [];
  if (electionMs > MOST_ELECTION_MS) {
    complaints.push(`the election timeout of ${electionMs} ms is above ${MOST_ELECTION_MS} ms`);
  }
  if (electionMs < LEAST_ELECTION_HEARTBEATS * heartbeatMs) {
    complaints.push(
      `the election timeout of ${electionMs} ms is below ${LEAST_ELECTION_HEARTBEATS} heartbeats of ${heartbeatMs} ms`,
    );
  }
  if (tripMs === null) return complaints;
  const trip = `the round trip between members of ${shown(tripMs)} ms`;
  if (heartbeatMs < LEAST_HEARTBEAT_TRIPS * tripMs) {
    complaints.push(`the heartbeat of ${heartbeatMs} ms is below half ${trip}`);
  }
  const mostHeartbeatMs = Math.max(DEFAULT_HEARTBEAT_MS, MOST_HEARTBEAT_TRIPS * tripMs);
  if (heartbeatMs > mostHeartbeatMs) {
    complaints.push(
      `the heartbeat of ${heartbeatMs} ms is above both the default and 1.5 times ${trip}: a lost leader is noticed late`,
    );
  }
  if (electionMs < ELECTION_TRIPS * tripMs) {
    complaints.push(
      `the election timeout of ${electionMs} ms is below ${ELECTION_TRIPS} times ${trip}`,
    );
  }
  return complaints;
}

function unequal(
  timeouts: readonly Timeouts[],
  field: "heartbeatMs" | "electionMs",
  flag: string,
): string[] {
  if (new Set(timeouts.map((each) => each[field])).size < 2) return [];
  const values = timeouts.map((each) => `${each.member} ${each[field]}`).join(", ");
  return [`${flag} differs between members (${values}), which disturbs elections`];
}

function roundedUp(ms: number): number {
  return Math.ceil(ms / STEP_MS) * STEP_MS;
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(0);
}

export interface QuotaAdvice {
  quotaBytes: number;
  /** Of the quota, what the database takes; 1 raises the alarm of full space. */
  usedShare: number;
  /** What a defragmentation gives back; null: not known. */
  reclaimableBytes: number | null;
  /** To set with --quota-backend-bytes; null: the quota is wide enough. */
  advisedQuotaBytes: number | null;
}

const WIDE_ENOUGH = 0.65;

/** @param quotaBytes as set; 0: etcd's default */
export function adviseQuota(
  quotaBytes: number,
  { dbSizeBytes, inUseBytes }: { dbSizeBytes: number; inUseBytes: number | null },
): QuotaAdvice {
  const quota = quotaBytes > 0 ? quotaBytes : DEFAULT_QUOTA_BYTES;
  const neededBytes = (inUseBytes ?? dbSizeBytes) / WIDE_ENOUGH;
  // Twice the last, so that it is not set anew each week.
  let advised = quota;
  while (advised < neededBytes && advised < MOST_QUOTA_BYTES) advised *= 2;
  advised = Math.min(advised, MOST_QUOTA_BYTES);
  return {
    quotaBytes: quota,
    usedShare: dbSizeBytes / quota,
    reclaimableBytes: inUseBytes === null ? null : Math.max(0, dbSizeBytes - inUseBytes),
    advisedQuotaBytes: advised > quota ? advised : null,
  };
}

/**
 * `ionice` for the processes of etcd on this machine: the highest priority of the usual class. The kernel
 * has a priority for each thread, and the id of a process is that of its first one.
 */
export function diskPriorityLines(pids: readonly number[]): string[] {
  return pids.map((pid) => `ionice -c2 -n0 -p $(ls /proc/${pid}/task)`);
}

/**
 * `tc` rules that send peers' packets first, clients' next, and all others after them.
 * @param device as `ip link` names it; see `deviceOf`
 * @param ports of the listen addresses, each once
 */
export function trafficPriorityLines(
  device: string,
  { peerPorts, clientPorts }: { peerPorts: readonly number[]; clientPorts: readonly number[] },
  isV6 = false,
): string[] {
  const [protocol, match] = isV6 ? ["ipv6", "ip6"] : ["ip", "ip"];
  const filters = (ports: readonly number[], band: number) =>
    ports.flatMap((port) =>
      ["sport", "dport"].map(
        (side) =>
          `tc filter add dev ${device} parent 1: protocol ${protocol} prio ${band} u32 match ${match} ${side} ${port} 0xffff flowid 1:${band}`,
      ),
    );
  return [
    `tc qdisc add dev ${device} root handle 1: prio bands 3 priomap 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2`,
    ...filters(peerPorts, 1),
    ...filters(clientPorts, 2),
  ];
}

/** The network device of this machine that has the endpoint's address; null: none has. */
export function deviceOf(
  endpoint: string,
  interfaces: ReturnType<typeof os.networkInterfaces> = os.networkInterfaces(),
): { device: string; isV6: boolean } | null {
  const { host } = splitEndpoint(endpoint);
  const address = host === "localhost" ? "127.0.0.1" : host.replace(/%.*$/, "");
  for (const [device, addresses = []] of Object.entries(interfaces)) {
    if (addresses.some((each) => each.address === address)) {
      return { device, isV6: isIPv6(address) };
    }
  }
  return null;
}
