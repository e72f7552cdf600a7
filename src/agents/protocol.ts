/**
 * Defines what a coordinator and its agents send each other: the commands and reports of a pool of workers,
 * each agent's in a key of its own. Times are on the agent's clock.
 */

import type {
  OpenedMessage,
  PhaseCommand,
  PhaseDoneMessage,
  SnapshotMessage,
  WorkerSetup,
} from "../load/messages.ts";
import type { Pause } from "../load/pause-watch.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import type { MachineSpan } from "../machine/machine-span.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { AgentResult } from "../result/schema.ts";
import type { Host } from "../run/host.ts";

/** Names of keys below the prefix of a group. */
export const COORDINATOR = "run/coordinator";
export const AGENTS = "agent/";
export const MEMBERS = "agent/member/";
export const memberKey = (agent: string) => `${MEMBERS}${agent}`;
export const reportsKey = (agent: string) => `agent/up/${agent}`;
export const COMMANDS = "run/to/";
export const commandsKey = (agent: string) => `${COMMANDS}${agent}`;

/** What an agent tells of itself when it joins. */
export interface Hello {
  /** The most workers that it runs. */
  workers: number;
  environment: AgentResult["environment"];
  host: Host;
}

export type Command =
  /** The first: the agent is taken. */
  | { type: "session"; session: string }
  | { type: "ping"; number: number }
  | {
      type: "setup";
      transport: RunPlan["load"]["transport"];
      setups: WorkerSetup[];
    }
  | { type: "phase"; command: PhaseCommand }
  | { type: "stop"; drainMs: number }
  | { type: "event"; isBegin: boolean; atNs: number }
  | { type: "token"; refused: string; token: string | null }
  | { type: "token-failed"; refused: string; reason: string }
  | { type: "close" }
  /** The last of the session; `isLast`: the coordination etcd ends too. */
  | { type: "end"; isLast: boolean };

export interface Second {
  snapshot: SnapshotMessage;
  recorded: RecorderSnapshot[];
}

export type Report =
  | { type: "pong"; number: number; heardNs: number }
  | { type: "opened"; opened: OpenedMessage[] }
  | { type: "second"; worker: number; second: Second }
  | { type: "pause"; pause: Pause; worker: number }
  | { type: "requests"; requests: RequestChunk }
  /** `machine`: what the agent's did meanwhile; null: the phase is not measured. */
  | { type: "phase-done"; done: PhaseDoneMessage[]; machine: MachineSpan | null }
  | { type: "token-wanted"; refused: string }
  /** The workers have ended, and this is in the memories that they shared: nothing more comes from them. */
  | { type: "closed"; memories: Uint8Array[] }
  /** What was asked for last could not be done; `exitCode`: of an error that a user may see. */
  | { type: "failed"; reason: string; exitCode: number | null };

export type PhaseDone = Extract<Report, { type: "phase-done" }>;

/** About one each second while load runs. */
export interface Frame {
  session: string;
  /** When it was made. */
  sentNs: number;
  reports: Report[];
  /** CPU time that the agent's process has used so far. */
  cpuMicros: number;
  rssBytes: number;
}
