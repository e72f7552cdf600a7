/**
 * Defines what a run needs of its workers, wherever they are: threads of this process, or those of agents
 * on other machines.
 */
import type { TokenGiver } from "../etcd/control-client.ts";
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
import type { Host } from "./host.ts";

/** Takes what workers report; all times are on the clock that the threads of this process share. */
export interface PoolListener {
  /** A worker's second, with one record for each series; none where it is not measured. */
  onSnapshot(
    snapshot: SnapshotMessage,
    recorded: readonly RecorderSnapshot[],
    worker: number,
  ): void;
  onPause(pause: Pause, worker: number): void;
  /** Single requests of a load that records them. */
  onRequests(requests: RequestChunk): void;
  /** Workers are gone for good, and more of them than the run goes on without: why, in a clause. */
  onLost(reason: string): void;
}

export interface PoolOptions {
  /** Of each worker, in the order of their numbers. */
  setups: readonly WorkerSetup[];
  transport: RunPlan["load"]["transport"];
  listener: PoolListener;
  /** Where workers get a new token from; null: none is sent. */
  tokens: TokenGiver | null;
}

/** What is known of an agent's part in a run, and of the machine that it was on. */
export interface AgentReport {
  row: Omit<AgentResult, "machineNumber" | "machine">;
  host: Host;
  /** While it measured; null: it was lost, or has not ended. */
  span: MachineSpan | null;
}

export interface LoadPool {
  /** How many workers there are. */
  readonly size: number;
  /** From a phase's command to its start, so that it reaches every worker before that. */
  readonly startDelayNs: number;
  /** CPU time that the processes of the workers have used so far, in microseconds. */
  readonly cpuMicros: number;
  /** Resident memory of the largest of these processes. */
  readonly rssBytes: number;
  /** Opens every connection of every worker. @throws BenchError for one that could not be opened */
  open(): Promise<OpenedMessage[]>;
  /** Runs one phase in all workers at once; rejects only where a worker broke. */
  runPhase(command: PhaseCommand): Promise<PhaseDoneMessage[]>;
  /** Ends the running phase early: nothing more is sent, answers may come for `drainMs`. */
  stop(drainMs: number): void;
  /** An event begins or has ended: requests that it touches are recorded apart. */
  markEvent(isBegin: boolean, atNs: number): void;
  close(): Promise<void>;
  /** Absent: the workers are threads of this process. */
  agents?(): AgentReport[];
  /** The name of the agent that has the worker; absent as above. */
  agentOf?(worker: number): string;
}

/** Workers of other processes, which serve one run after another. */
export interface Workforce {
  /** Before each run prepares anything. @throws BenchError (interrupted) where some are gone for good */
  ready(): void;
  /** @param maySendMemory whether memory that workers share may go to other processes */
  open(options: PoolOptions, maySendMemory: boolean): LoadPool;
}
