/** Makes the report of the evidence: the diagnosis, the members, and lines to copy. */
import { changeNote } from "../result/change-words.ts";
import { newResultId } from "../result/id.ts";
import { deviceOf, diskPriorityLines, trafficPriorityLines } from "./advice.ts";
import { diagnose } from "./diagnosis.ts";
import type { Evidence, MemberEvidence } from "./evidence.ts";
import { dbSizeOf, roleOf, settingsOf, timeoutAdvice, versionOf } from "./member-facts.ts";
import {
  type Advice,
  DOCTOR_SCHEMA_VERSION,
  type DoctorMember,
  type DoctorReport,
} from "./report-schema.ts";

export interface ReportOptions {
  startedAt: Date;
  tool: string;
  /** What was looked at, in words. */
  target: string;
  isInterrupted: boolean;
}

export function doctorReport(evidence: Evidence, options: ReportOptions): DoctorReport {
  const { startedAt, tool, target, isInterrupted } = options;
  return {
    kind: "doctor",
    schemaVersion: DOCTOR_SCHEMA_VERSION,
    id: newResultId(startedAt.getTime()),
    startedAt: startedAt.toISOString(),
    ...{ tool, target, isInterrupted },
    probe: evidence.probes.level,
    windowSeconds: evidence.windowSeconds,
    members: evidence.members.map(memberOf),
    ...diagnose(evidence),
    advice: adviceOf(evidence),
    notes: notesOf(evidence, isInterrupted),
  };
}

function memberOf(member: MemberEvidence): DoctorMember {
  const { name, endpoint, id, isLocal, process, fault } = member;
  return {
    ...{ name, endpoint, id, isLocal, fault },
    version: versionOf(member),
    role: roleOf(member),
    pid: process?.pid ?? null,
    dbSizeBytes: dbSizeOf(member),
  };
}

function adviceOf(evidence: Evidence): Advice[] {
  return [...timeouts(evidence), ...diskPriority(evidence), ...trafficPriority(evidence)];
}

/** What to set where round trips are known. */
function timeouts(evidence: Evidence): Advice[] {
  const { roundTripMs, heartbeatMs, electionMs } = timeoutAdvice(evidence);
  if (roundTripMs === null) return [];
  return [
    {
      what: `Timeouts for a mean round trip of ${Number(roundTripMs.toPrecision(2))} ms between members, equal on all of them`,
      lines: [`--heartbeat-interval=${heartbeatMs} --election-timeout=${electionMs}`],
    },
  ];
}

function diskPriority({ members }: Evidence): Advice[] {
  const pids = members.flatMap(({ process }) => process?.pid ?? []);
  if (pids.length === 0) return [];
  return [{ what: "Disk priority for etcd over other processes", lines: diskPriorityLines(pids) }];
}

/** For the device that peers use on this machine, with the ports of all members that use it. */
function trafficPriority(evidence: Evidence): Advice[] {
  const known = settingsOf(evidence).flatMap(({ member: { endpoint }, settings }) => {
    const peers = settings.listenPeerUrls.flatMap((url) => hostPort(url) ?? []);
    const clients = settings.listenClientUrls.flatMap((url) => hostPort(url) ?? []);
    // One that listens at all addresses names none: then that of its clients will do.
    const addresses = [
      ...peers.map((each) => each.endpoint),
      ...(endpoint === null ? [] : [endpoint]),
    ];
    const device = addresses.map((address) => deviceOf(address)).find((each) => each !== null);
    if (device === undefined || peers.length === 0) return [];
    return [{ ...device!, peers, clients }];
  });
  const [first] = known;
  if (first === undefined) return [];
  const { device, isV6 } = first;
  const same = known.filter((each) => each.device === device && each.isV6 === isV6);
  const portsOf = (of: "peers" | "clients") => [
    ...new Set(same.flatMap((each) => each[of].map(({ port }) => port))),
  ];
  const ports = { peerPorts: portsOf("peers"), clientPorts: portsOf("clients") };
  return [
    {
      what: "Network priority for peers, then for clients",
      lines: trafficPriorityLines(device, ports, isV6),
    },
  ];
}

function hostPort(url: string): { endpoint: string; port: number } | null {
  const [, endpoint, port] = /^https?:\/\/((?:\[[^\]]+\]|[^:/]+):(\d+))\/?$/.exec(url) ?? [];
  return endpoint === undefined ? null : { endpoint, port: Number(port) };
}

function notesOf(
  { members, changes, client, probes, windowSeconds }: Evidence,
  isInterrupted: boolean,
): string[] {
  const odd = members.filter(({ first, last }) => [first, last].some((page) => page?.isCut));
  return [
    ...(isInterrupted ? ["The window was ended early: what was known until then is judged."] : []),
    ...(windowSeconds === null && members.some(({ first }) => first !== null)
      ? ["With one page of a member all figures are since its start: save a second one later."]
      : []),
    ...(client !== null && probes.level === "none"
      ? ["Nothing was probed: --probe=light sends about 50 small requests a second."]
      : []),
    ...changes.map(changeNote),
    ...odd.map(({ name }) => `The metrics page of ${name} has no end: a part of it was read.`),
    ...(probes.canary?.isCleanedUp === false
      ? [
          "The keys of the probes could not be deleted; etcd deletes them with their lease, in a minute.",
        ]
      : []),
  ];
}
