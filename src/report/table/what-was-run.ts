/** The lines that say what was run: the load of each run, the etcd it went to, the machine. */

import { plannedEvents } from "../../events/catalogue.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { grouped, type LabelledRun } from "../../tables/labels.ts";
import { describeAgents, describeCpus, describeMemory } from "../../tables/machine-text.ts";
import {
  formatAskedRate,
  formatCount,
  formatDuration,
  formatPercent,
} from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";

export function renderWhatWasRun(runs: readonly LabelledRun[], paint: Paint): string {
  const lines = runs.map(({ label, result }) => {
    return `${label === "" ? "" : `${label} `}${paint.bold(describeLoad(result))}`;
  });
  const targets = grouped(runs, (result) => [`Target: ${describeTarget(result)}`]);
  return [...lines, ...targets].join("\n");
}

/** `put, key 8 B, value 256 B, 100 connections, 1,000 clients, closed loop, 100,000 requests, ...` */
export function describeLoad({ plan, client, origin, status, target }: RunResult): string {
  const parts = [
    workloadNamed(plan.workload.kind).describe(plan.workload),
    formatNoun(plan.load.connections, "connection"),
    formatNoun(plan.load.clients, "client"),
    describePacing(plan),
    ...describeLimits(plan),
    ...describeEvents(plan),
    plan.target.leaderOnly ? describeLeaderOnly(target) : null,
    `${client.transport} transport`,
    plan.target.local?.grpcProxy ? "etcd's grpc-proxy" : null,
    plan.target.local?.proxied ? "fault proxies" : null,
    ...describeSecurity(plan),
    origin === "published" ? "published figures" : null,
    status === "complete" ? null : status,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

/** The member that was asked stays the same, also when another leads. */
function describeLeaderOnly({ changes }: RunResult["target"]): string {
  const moved = changes.find(({ kind }) => kind === "leader");
  if (moved === undefined) return "leader only";
  return `leader only until ${Math.max(0, moved.atSeconds).toFixed(1)} s`;
}

/** `etcd 3.5.30, 3 members, leader m2, through 127.0.0.1:2379`. */
export function describeTarget({ target }: RunResult): string {
  const { members } = target;
  const leader = members.find((member) => member.isLeader);
  return [
    etcdVersion(target),
    members.length === 0 ? "members not known" : formatNoun(members.length, "member"),
    leader === undefined ? "leader not known" : `leader ${leader.name || leader.endpoint}`,
    `through ${target.endpoints.join(", ")}`,
    ...describeConnections(target),
  ].join(", ");
}

/** `connections: 34 to m1, 33 to m2 (2 idle)`, where the cluster has other members that it could be. */
function describeConnections({ members, connections }: RunResult["target"]): string[] {
  if (members.length < 2 || connections.length === 0) return [];
  const each = connections.map(({ member, count, idle = 0 }) => {
    const unused = idle === 0 ? "" : ` (${idle === count ? "" : `${formatCount(idle)} `}idle)`;
    return `${formatCount(count)} to ${printable(member)}${unused}`;
  });
  return [`connections: ${each.join(", ")}`];
}

/** One line on machine and etcd; none for published figures, whose notes say what is known. */
export function describeMachine(result: RunResult): string[] {
  const { environment, target, startedAt, origin } = result;
  if (origin === "published") return [];
  const { node, tool } = environment;
  const storage = target.dataFileSystem === null ? "" : `, data on ${target.dataFileSystem}`;
  const parts = [
    `Measured by ${tool} (${node})`,
    ...senders(result),
    `against ${etcdVersion(target)}${storage}`,
    // The day is enough to tell runs of one session together.
    startedAt.slice(0, 10),
  ];
  return [parts.join(", ")];
}

/** The machine that sent the load, or those of the agents that did. */
function senders({ environment, client }: RunResult): string[] {
  if (client.agents !== undefined) return [`load from ${describeAgents(client.agents)}`];
  const memory = describeMemory(environment);
  return [
    `on ${describeCpus(environment)}`,
    ...(memory === null ? [] : [memory]),
    `${environment.os} (${environment.kernel})`,
  ];
}

/** What else the machine had to do; nothing where it is not known. */
export function describeMachineState(machine: RunResult["machine"]): string[] {
  if (machine === null) return [];
  const { loadAverage1m, otherCpuPercent, stealPercent } = machine;
  return [
    ...(loadAverage1m === null ? [] : [`load average ${loadAverage1m.toFixed(2)} before it`]),
    ...(otherCpuPercent === null
      ? []
      : [`${formatPercent(otherCpuPercent)} of the CPU taken by other processes`]),
    ...(stealPercent === null || stealPercent === 0
      ? []
      : [`${formatPercent(stealPercent)} stolen`]),
  ];
}

function etcdVersion(target: RunResult["target"]): string {
  return `etcd ${target.version ?? "of a version not known"}`;
}

function describePacing({ pacing }: RunPlan): string {
  if (pacing.ratePerSec === null) return "closed loop";
  return `${formatAskedRate(pacing.ratePerSec)} requests/s (${pacing.arrival})`;
}

function describeEvents({ maintenance }: RunPlan): string[] {
  return plannedEvents(maintenance).map(({ event, plan }) =>
    event.describePlan(plan, formatDuration),
  );
}

function describeLimits({ limits }: RunPlan): string[] {
  const parts: string[] = [];
  if (limits.totalRequests !== null) parts.push(formatNoun(limits.totalRequests, "request"));
  if (limits.durationMs !== null) parts.push(formatDuration(limits.durationMs));
  const warmUp: string[] = [];
  if (limits.warmupRequests !== null) warmUp.push(formatNoun(limits.warmupRequests, "request"));
  if (limits.warmupMs !== null) warmUp.push(formatDuration(limits.warmupMs));
  if (warmUp.length > 0) parts.push(`warm-up ${warmUp.join(" or ")}`);
  return parts;
}

/** Both cost the server work, so figures with them are compared with figures with them. */
function describeSecurity({ target: { tls, user, local } }: RunPlan): string[] {
  const auth = user !== null ? "as a user" : local?.auth ? `as a user (${local.auth} token)` : null;
  return [tls !== null || local?.tls ? "TLS" : null, auth].filter((part) => part !== null);
}
