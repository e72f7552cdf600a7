/**
 * Defines the interface of a workload's hot side. The driver decides when a client begins an operation
 * and keeps both clocks; a workload decides of which calls the operation consists, in one step or
 * several, unary or streaming, and how it ended.
 */

import type { RequestTemplate } from "#wire";
import type { LossCause } from "../stats/distinct-counts.ts";

/**
 * What a workload gets from the driver. Calls live in slots: slot k is client k's own, and those
 * from `clients` on are the workload's to use as it declared them.
 */
export interface Operations {
  /** Starts the next step of the client's operation; the deadline counts from now. */
  call(client: number, slot: number, template: RequestTemplate, nowNs: number): void;
  /**
   * The client's operation has ended. It is recorded in series 0, and in `series` too where that
   * is another; then the client begins its next one.
   */
  end(client: number, status: number, message: string, nowNs: number, series?: number): void;
  /**
   * A part of an operation, or something that it caused: `count` samples of their own in `series`.
   * In a paced phase its response time is `lateNs` more: how late its operation began, for the first
   * part and for what the operation caused; 0 for a later part, which is due when the one before
   * has ended. With `nowNs`, the series lasts until then, also where all operations have ended before.
   */
  sample(series: number, durationNs: number, lateNs?: number, nowNs?: number, count?: number): void;
  /** `durationNs` is null where no time that failed was spent: then there is none until failure. */
  fail(
    series: number,
    durationNs: number | null,
    status: number,
    message: string,
    lateNs?: number,
  ): void;
  /** `count` samples of `series` have not come after `waitedNs`, and are not waited for any longer. */
  missed(series: number, waitedNs: number, lateNs?: number, count?: number): void;
  /** What would have been in `series` was never sent, `waitedNs` after it had been due. */
  dropped(series: number, waitedNs: number, count?: number): void;
  /** When the client's operation in flight was due; in a closed loop, when it began. */
  dueNs(client: number): number;
  /** Adds to a named count of `series`, such as conflicts. */
  count(series: number, name: string, amount: number): void;
  /** Watchers of `series` are gone for good: cancelled by the server, or with their stream. */
  lost(series: number, cause: LossCause, reason: string, watchers: number): void;
  /** A watcher of `series` was cancelled by the server, and is asked for again. */
  cancelledWatcher(series: number, reason: string): void;
  /** Keys and octets of messages that an operation of `series` has received. */
  received(series: number, keys: number, bytes: number): void;
  /** A call that the server has not processed is sent again, in the same slot, once. */
  resend(slot: number, template: RequestTemplate): void;
  /** A sample of something that is no time, in `series`: a whole number from 0 up. */
  quantity(series: number, name: string, value: number): void;
  /** What `unsettled` waits for may be here: the phase may end. */
  settled(): void;
  /** What the phase was for is done: nothing more begins in it, whatever its limits leave. */
  enough(nowNs: number): void;
}

export interface Workload {
  /** Starts the client's next operation; it must lead to exactly one `end`. */
  begin(client: number, nowNs: number): void;
  onCallEnd(slot: number, status: number, message: string, nowNs: number): void;
  /**
   * The first call of the client's operation has left only now, having waited in the client, for a
   * stream for instance: the service time of what begins with the operation begins now.
   */
  onCallSent?(client: number, nowNs: number): void;
  /**
   * A call that the workload made itself, in a slot that no client's operation is in, has left only now;
   * `wasHeld`: it waited in the client.
   */
  onOwnCallSent?(slot: number, nowNs: number, wasHeld: boolean): void;
  /**
   * Other clients whose operations wait for the call in the slot, as those do that send on a stream which is
   * not open yet: their service time begins when it leaves.
   */
  joinedTo?(slot: number): Iterable<number>;
  /** The server vouches that it has not processed the slot's call: `resend` makes it again. */
  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed?: boolean): void;
  /** The client's operation is past its deadline, and fails: its calls are to be cancelled. */
  cancel(client: number, nowNs: number, status: number, message: string): void;
  /**
   * Of a workload with series other than 0: an operation was due at `dueNs` and is never sent,
   * `waitedNs` after that. What it would have recorded in them is dropped too. Called when the phase
   * is over.
   */
  onDropped?(waitedNs: number, dueNs: number): void;
  /** Called every so often (at least ten times a second) while a phase goes on. */
  tick?(nowNs: number): void;
  /**
   * The request of the client's operation in flight, patched into its template again; null, or absent:
   * not known. Asked for a few requests alone.
   */
  requestOf?(client: number): RequestTemplate | null;
  /** The client whose call is in a slot that is not its own; -1, or absent: of none. */
  clientOf?(slot: number): number;
  /** The series of its own that the client's operation in flight belongs to; absent or 0: none. */
  seriesOf?(client: number): number;
  /**
   * Starts over, so that each phase sends the same requests in the same order. Of a phase that is
   * not measured, all that it records is thrown away.
   */
  restart(isMeasured: boolean): void;
  /** The phase's clock has started; its first operations begin after this. */
  onPhaseStart?(nowNs: number): void;
  /** All operations have ended and none follows; it may be told more than once in a phase. */
  onOperationsOver?(): void;
  /** One message of a call that asked for them; `bytes` is only lent. */
  onMessage?(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  /** Operations of this worker in a set-up, where something else than its clients deals them. */
  readonly setUpShare?: number;
  /** What the operations have caused and is still to come; the phase waits for it at its end. */
  readonly unsettled?: number;
  /** It has not come in time, or the run was stopped before it could: count it as missing, or not. */
  giveUp?(nowNs: number, isStopped: boolean): void;
}
