/**
 * Adds up how the workers send, second by second: what came due, what was sent, how late sends were and
 * how busy the workers are.
 */
import type { PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";

/** How all workers sent in a second of the measured load. */
export interface ClientSecond {
  /** On the clock that the threads share. */
  fromNs: number;
  toNs: number;
  /**
   * Requests that came due: of a closed loop, those that were sent. Of random arrivals, those that have
   * to wait are estimated, and what is missing is in the last second of the phase.
   */
  offered: number;
  started: number;
  /** Came due and were never sent, which is known in the last second of a phase. */
  dropped: number;
  /** How late sends were that had a free client, encoded: an element for each worker that had any. */
  dispatchLags: readonly Uint8Array[];
  /** Share of the second in which each worker's event loop had work, 0 to 1, in any order. */
  busyFractions: readonly number[];
}

interface Open extends ClientSecond {
  snapshots: number;
  dispatchLags: Uint8Array[];
  busyFractions: number[];
}

export class ClientSeconds {
  readonly #workers: number;
  readonly #onSecond: (second: ClientSecond) => void;
  /** By their number in the phase. */
  readonly #open = new Map<number, Open>();
  /** Of the phase under way. */
  #offered = 0;
  #started = 0;
  #toNs = 0;

  constructor(workers: number, onSecond: (second: ClientSecond) => void) {
    this.#workers = workers;
    this.#onSecond = onSecond;
  }

  /** A worker's second; `dispatchLag` is of the whole operation. */
  add({ interval, fromNs, toNs, sending }: SnapshotMessage, dispatchLag: Uint8Array | null): void {
    const open = this.#open.get(interval) ?? nothing(fromNs, toNs);
    this.#open.set(interval, open);
    open.snapshots += 1;
    open.fromNs = Math.min(open.fromNs, fromNs);
    open.toNs = Math.max(open.toNs, toNs);
    open.offered += sending.due;
    open.started += sending.started;
    open.busyFractions.push(sending.busyFraction);
    if (dispatchLag !== null) open.dispatchLags.push(dispatchLag);
    if (open.snapshots === this.#workers) this.#close(interval, open);
  }

  /** A phase has ended: seconds that a worker did not reach are complete. */
  endPhase(done: readonly PhaseDoneMessage[]): void {
    for (const [interval, open] of this.#open) this.#close(interval, open);
    const started = done.reduce((sum, each) => sum + each.started, 0);
    const dropped = done.reduce((sum, each) => sum + each.dropped, 0);
    const rest = nothing(this.#toNs, this.#toNs);
    rest.offered = Math.max(0, started + dropped - this.#offered);
    rest.started = Math.max(0, started - this.#started);
    rest.dropped = dropped;
    if (rest.offered + rest.started + rest.dropped > 0) this.#tell(rest);
    this.#offered = 0;
    this.#started = 0;
  }

  #close(interval: number, open: Open): void {
    this.#open.delete(interval);
    this.#offered += open.offered;
    this.#started += open.started;
    this.#toNs = open.toNs;
    this.#tell(open);
  }

  #tell({ snapshots: _, ...second }: Open): void {
    this.#onSecond(second);
  }
}

function nothing(fromNs: number, toNs: number): Open {
  return {
    ...{ fromNs, toNs, snapshots: 0, offered: 0, started: 0, dropped: 0 },
    ...{ dispatchLags: [], busyFractions: [] },
  };
}
