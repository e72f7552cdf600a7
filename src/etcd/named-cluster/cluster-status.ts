/** What can be told of a cluster that stays: of its processes, and by its members about themselves. */
import { processAgeSeconds } from "../../machine/process-times.ts";
import { systemFiles } from "../../machine/system-files.ts";
import { ControlClient, ControlError } from "../control-client.ts";
import type { MemberStatus } from "../control-messages.ts";
import type { OwnProcess, StartedProcess } from "../local-cluster/own-process.ts";
import { isPaused } from "../local-cluster/process-identity.ts";
import { openAccess } from "../token-source.ts";
import type { NamedCluster } from "./named-cluster.ts";

export type ProcessState = "running" | "paused" | "stopped";

export interface ProcessStatus {
  name: string;
  state: ProcessState;
  pid: number | null;
  uptimeSeconds: number | null;
  logPath: string;
}

export interface MemberRow extends ProcessStatus {
  /** Of a Procfile, where it has another name than etcd's. */
  procfileName: string | null;
  /** In hex; null as all below: the member did not answer. */
  id: string | null;
  /** It answers, knows of a leader, and reports no alarm. */
  isHealthy: boolean;
  role: "leader" | "follower" | "learner" | null;
  version: string | null;
  raftTerm: number | null;
  raftIndex: number | null;
  /** Entries that the leader has committed and this member not yet. */
  raftLag: number | null;
  dbSizeBytes: number | null;
  /** Alarms and the like, in etcd's words. */
  errors: string[];
  endpoint: string;
  peerEndpoint: string;
  dataDir: string;
}

export interface HelperRow extends ProcessStatus {
  role: string;
  endpoint: string | null;
  /** Of fault proxies: the member, and the ports of the HTTP APIs on 127.0.0.1. */
  faults: { member: string; clientApi: number; peerApi: number } | null;
}

export interface ClusterStatus {
  name: string;
  createdAt: string;
  isReady: boolean;
  etcdVersion: string;
  clusterId: string | null;
  procfile: string | null;
  folder: string;
  members: MemberRow[];
  helpers: HelperRow[];
}

const ANSWER_MS = 2_000;

export async function clusterStatus(cluster: NamedCluster): Promise<ClusterStatus> {
  const { state } = cluster;
  const answers = await askMembers(cluster);
  const leaderIndex = Math.max(...answers.map((answer) => answer?.raftIndex ?? 0), 0);
  return {
    name: state.name,
    createdAt: state.createdAt,
    isReady: state.isReady,
    etcdVersion: state.etcd.version,
    clusterId: answers.find((answer) => answer !== null)?.clusterId ?? null,
    procfile: state.procfile,
    folder: cluster.folder,
    members: cluster.memberProcesses.map((member, at) => {
      const { settings } = member;
      const answer = answers[at] ?? null;
      const { endpoint, peerEndpoint, dataDir, procfile } = settings;
      return {
        ...processStatus(member),
        procfileName: procfile?.name ?? null,
        id: answer?.memberId ?? null,
        isHealthy: answer !== null && answer.leaderId !== null && answer.errors.length === 0,
        role: answer === null ? null : roleOf(answer),
        version: answer?.version ?? null,
        raftTerm: answer?.raftTerm ?? null,
        raftIndex: answer?.raftIndex ?? null,
        raftLag: answer === null ? null : leaderIndex - answer.raftIndex,
        dbSizeBytes: answer?.dbSizeBytes ?? null,
        errors: answer?.errors ?? [],
        ...{ endpoint, peerEndpoint, dataDir },
      };
    }),
    helpers: cluster.helpers.map((helper) => {
      const { role, endpoint, faults = null } = helper.settings;
      return { ...processStatus(helper), role, endpoint, faults };
    }),
  };
}

/** Of each member, past its proxy; null: it does not answer. */
export async function askMembers(cluster: NamedCluster): Promise<(MemberStatus | null)[]> {
  const running = cluster.memberProcesses.filter(({ started, running }) => {
    return running && started !== null && !isPaused(started);
  });
  const endpoints = running.map(({ settings }) => settings.listen.endpoint);
  if (endpoints.length === 0) return cluster.memberProcesses.map(() => null);
  const access = openAccess(endpoints, cluster.access);
  const client = new ControlClient(endpoints, { access, timeoutMs: ANSWER_MS });
  try {
    return await Promise.all(
      cluster.memberProcesses.map((member) =>
        running.includes(member) ? statusOf(client, member.settings.listen.endpoint) : null,
      ),
    );
  } finally {
    client.close();
    access.tokens?.close();
  }
}

export function processState(process: OwnProcess): ProcessState {
  if (!process.running) return "stopped";
  return process.started !== null && isPaused(process.started) ? "paused" : "running";
}

async function statusOf(client: ControlClient, endpoint: string): Promise<MemberStatus | null> {
  try {
    return await client.status(endpoint);
  } catch (error) {
    if (error instanceof ControlError) return null;
    throw error;
  }
}

function processStatus(process: OwnProcess): ProcessStatus {
  const state = processState(process);
  const { name, started, logPath } = process;
  const isOver = state === "stopped" || started === null;
  return {
    ...{ name, state, logPath },
    pid: isOver ? null : started.pid,
    uptimeSeconds: isOver ? null : uptimeSeconds(started),
  };
}

function uptimeSeconds({ pid, startedAt }: StartedProcess): number {
  const byWallClock = Math.max(0, (Date.now() - Date.parse(startedAt)) / 1000);
  return processAgeSeconds(systemFiles, pid) ?? byWallClock;
}

function roleOf({ isLearner, leaderId, memberId }: MemberStatus): MemberRow["role"] {
  if (isLearner) return "learner";
  return leaderId !== null && leaderId === memberId ? "leader" : "follower";
}
