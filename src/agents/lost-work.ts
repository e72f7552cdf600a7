/**
 * Accounts for the workers of a lost agent in a run that goes on: what was due on them and is in no report counts
 * as dropped, and as unreported. Whether it was sent, and answered, is not known: an agent that was cut off
 * may have sent all of it.
 */
import type {
  PhaseCommand,
  PhaseDoneMessage,
  SnapshotMessage,
  WorkerSetup,
} from "../load/messages.ts";
import { arrivalsOf } from "../load/pacing/arrivals.ts";
import { NOT_SENT } from "../load/recording/missing-counts.ts";
import { Recorder, type RecorderSnapshot } from "../load/recording/recorder.ts";
import { dealtCount } from "../plan/shares.ts";
import type { Second } from "./protocol.ts";

const NOTHING = new Recorder();
/** Far more than clocks are not known to. */
const MOST_APART_NS = 60e9;

/** One worker of an agent, in a phase. */
export class WorkerAccount {
  readonly #setup: WorkerSetup;
  readonly #command: PhaseCommand;
  #ended = 0;
  #nextInterval = 0;
  #lastNs: number;

  constructor(setup: WorkerSetup, command: PhaseCommand) {
    this.#setup = setup;
    this.#command = command;
    this.#lastNs = command.startNs;
  }

  get worker(): number {
    return this.#setup.share.workerIndex;
  }

  /** Why a second cannot be the next one of this worker in its phase, as a clause; null: it can. */
  problemOf({ snapshot, recorded }: Second, nowNs: number): string | null {
    const { phaseId, interval, fromNs, toNs } = snapshot;
    if (phaseId !== this.#command.id) return "it reported a second of another phase";
    if (interval !== this.#nextInterval) {
      return `it reported second ${interval} where ${this.#nextInterval} was due`;
    }
    // A phase that is stopped before its start ends before it.
    const earliestNs = this.#command.startNs - MOST_APART_NS;
    if (Math.min(fromNs, toNs) < earliestNs || Math.max(fromNs, toNs) > nowNs + MOST_APART_NS) {
      return "it reported a second that is not of this phase's time";
    }
    if (recorded.length === this.#series.length) return null;
    return `it reported ${recorded.length} series where there are ${this.#series.length}`;
  }

  /** It reported a second. */
  add({ snapshot, recorded }: Second): void {
    const [whole] = recorded;
    if (whole !== undefined) this.#ended += whole.succeeded + whole.failed;
    this.#nextInterval = snapshot.interval + 1;
    this.#lastNs = snapshot.toNs;
  }

  get ended(): number {
    return this.#ended;
  }

  /** Once it is lost: empty seconds, up to that of a snapshot of another worker. */
  emptySeconds({ interval, fromNs, toNs }: SnapshotMessage): Second[] {
    const seconds: Second[] = [];
    for (; this.#nextInterval <= interval; this.#nextInterval++) {
      seconds.push(this.#second(this.#nextInterval, fromNs, toNs));
    }
    return seconds;
  }

  /**
   * Once it is lost: its phase ended at `endNs`.
   * @param stoppedNs from when on nothing is due; Infinity where the phase was not stopped
   */
  end(
    endNs: number,
    stoppedNs = Number.POSITIVE_INFINITY,
  ): { last: Second | null; done: PhaseDoneMessage } {
    const { share } = this.#setup;
    const { id, isMeasured } = this.#command;
    const due = this.#dueBy(stoppedNs);
    const dropped = Math.max(0, due - this.#ended);
    const last = this.#second(this.#nextInterval, this.#lastNs, Math.max(this.#lastNs, endNs));
    if (isMeasured && dropped > 0) last.recorded[0] = this.#missed(dropped);
    return {
      last: isMeasured ? last : null,
      done: {
        ...{ type: "phase-done", phaseId: id, workerIndex: share.workerIndex },
        ...{ started: this.#ended, dropped, unreported: dropped },
        ...{ lastEndNs: this.#lastNs, lastSendNs: this.#lastNs, lastDueNs: this.#lastNs },
        ...{ busyFraction: 0, eventLoopDelayP50Ms: 0, eventLoopDelayP99Ms: 0 },
        cpuWaitFraction: null,
        unmeasured: isMeasured ? null : { succeeded: 0, failed: 0, errors: [] },
      },
    };
  }

  /** Requests of the phase that were due on it by then; in a closed loop its share of the total. */
  #dueBy(stoppedNs: number): number {
    const { requests, durationMs, startNs } = this.#command;
    const total =
      requests === null ? Number.POSITIVE_INFINITY : dealtCount(requests, this.#setup.share);
    const arrivals = arrivalsOf(this.#command, this.#setup, startNs);
    if (arrivals === null) {
      const isStopped = stoppedNs < Number.POSITIVE_INFINITY;
      return requests === null || isStopped ? this.#ended : total;
    }
    const limitNs = durationMs === null ? Number.POSITIVE_INFINITY : durationMs * 1e6;
    const untilNs = Math.min(stoppedNs, startNs + limitNs);
    if (untilNs === Number.POSITIVE_INFINITY) return total;
    let due = 0;
    for (; due < total && arrivals.dueNs < untilNs; due++) arrivals.advance();
    return due;
  }

  /** Each may have been answered at once, or never; in a closed loop none was due. */
  #missed(dropped: number): RecorderSnapshot {
    const recorder = new Recorder();
    if (this.#command.ratePerSec !== null) recorder.missed(NOT_SENT, 0, false, dropped);
    return recorder.takeSnapshot();
  }

  /** That a second of the phase has records of. */
  get #series(): readonly unknown[] {
    const { operation, isMeasured } = this.#command;
    const spec = operation === "path" ? undefined : this.#setup.operations[operation];
    return isMeasured && spec !== undefined ? [...spec.series, ...(spec.apart ?? [])] : [];
  }

  #second(interval: number, fromNs: number, toNs: number): Second {
    return {
      snapshot: {
        ...{
          type: "snapshot",
          phaseId: this.#command.id,
          interval,
          fromNs,
          toNs,
          readyConnections: 0,
        },
        progress: { answered: 0, unanswered: 0, lastFailure: "" },
        sending: { due: 0, started: 0, busyFraction: 0 },
      },
      recorded: this.#series.map(() => NOTHING.takeSnapshot()),
    };
  }
}
