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
import { NO_SCHEDULE, NOT_SENT } from "../load/recording/missing-counts.ts";
import { Recorder, type RecorderSnapshot } from "../load/recording/recorder.ts";
import { dealtCount } from "../plan/shares.ts";
import type { Second } from "./protocol.ts";

const NOTHING = new Recorder();
const SECOND_NS = 1e9;
/** Far more than clocks are not known to. */
const MOST_APART_NS = 60e9;

/** One worker of an agent, in a phase. */
export class WorkerAccount {
  readonly #setup: WorkerSetup;
  readonly #command: PhaseCommand;
  #ended = 0;
  /** Of these, in the last second that it reported: what they caused may not be reported yet. */
  #endedLast = 0;
  #nextInterval = 0;
  /** Until when seconds were passed on, and until when it has reported them. */
  #lastNs: number;
  #reportedNs: number;

  constructor(setup: WorkerSetup, command: PhaseCommand) {
    this.#setup = setup;
    this.#command = command;
    this.#lastNs = command.startNs;
    this.#reportedNs = command.startNs;
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
    this.#endedLast = whole === undefined ? 0 : whole.succeeded + whole.failed;
    this.#ended += this.#endedLast;
    this.#nextInterval = snapshot.interval + 1;
    this.#lastNs = snapshot.toNs;
    this.#reportedNs = snapshot.toNs;
  }

  get ended(): number {
    return this.#ended;
  }

  /** Once it is lost: empty seconds, up to that of a snapshot of another worker. */
  emptySeconds({ interval, toNs }: SnapshotMessage): Second[] {
    const seconds: Second[] = [];
    while (this.#nextInterval <= interval) {
      const isLast = this.#nextInterval === interval;
      seconds.push(this.#nextSecond(isLast ? toNs : this.#lastNs + SECOND_NS));
    }
    return seconds;
  }

  /**
   * Once it is lost: its phase ended at `endNs`.
   * @param stoppedNs from when on nothing is due; Infinity where the phase was not stopped
   * @returns the seconds that others have not reported before, the last with what is missing
   */
  end(
    endNs: number,
    stoppedNs = Number.POSITIVE_INFINITY,
  ): { seconds: Second[]; done: PhaseDoneMessage } {
    const { share } = this.#setup;
    const { id, isMeasured } = this.#command;
    const due = this.#dueBy(stoppedNs);
    const dropped = Math.max(0, due - this.#ended);
    const seconds: Second[] = [];
    const reportedNs = this.#reportedNs;
    while (endNs - this.#lastNs > SECOND_NS) {
      seconds.push(this.#nextSecond(this.#lastNs + SECOND_NS));
    }
    const last = this.#nextSecond(Math.max(this.#lastNs, endNs));
    if (dropped > 0) {
      last.recorded = last.recorded.map((_, series) => this.#missed(dropped, series));
    }
    return {
      seconds: isMeasured ? [...seconds, last] : [],
      done: {
        ...{ type: "phase-done", phaseId: id, workerIndex: share.workerIndex },
        ...{ started: this.#ended, dropped, unreported: dropped },
        ...{ lastEndNs: reportedNs, lastSendNs: reportedNs, lastDueNs: reportedNs },
        ...{ busyFraction: 0, eventLoopDelayP50Ms: 0, eventLoopDelayP99Ms: 0 },
        cpuWaitFraction: null,
        unmeasured: isMeasured ? null : { succeeded: 0, failed: 0, errors: [] },
        carried: null,
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

  /**
   * Each may have been answered at once, or never, and have been of any series, as often as one operation
   * can be.
   */
  #missed(dropped: number, series: number): RecorderSnapshot {
    const recorder = new Recorder();
    const { operation, ratePerSec } = this.#command;
    if (operation === "path") return recorder.takeSnapshot();
    const { series: own, mostEffects } = this.#setup.operations[operation]!;
    // What may be missing of single endpoints follows from the whole.
    if (series >= own.length) return recorder.takeSnapshot();
    const count =
      series === 0 || mostEffects === undefined
        ? dropped
        : (dropped + this.#endedLast) * mostEffects;
    // A closed loop has no schedule, and is judged by the service time.
    if (ratePerSec === null) recorder.missed(0, NO_SCHEDULE, false, count);
    else recorder.missed(NOT_SENT, 0, false, count);
    return recorder.takeSnapshot();
  }

  /** That a second of the phase has records of. */
  get #series(): readonly unknown[] {
    const { operation, isMeasured } = this.#command;
    const spec = operation === "path" ? undefined : this.#setup.operations[operation];
    return isMeasured && spec !== undefined ? [...spec.series, ...(spec.apart ?? [])] : [];
  }

  #nextSecond(toNs: number): Second {
    const fromNs = this.#lastNs;
    const interval = this.#nextInterval++;
    this.#lastNs = toNs;
    return {
      snapshot: {
        ...{ type: "snapshot", phaseId: this.#command.id, interval, fromNs, toNs },
        readyConnections: 0,
        progress: { answered: 0, unanswered: 0, lastFailure: "" },
        sending: { due: 0, started: 0, busyFraction: 0 },
      },
      recorded: this.#series.map(() => NOTHING.takeSnapshot()),
    };
  }
}
