/**
 * Keeps the jobs of a job storm that are under way: each a pod that is created, updated twice and
 * deleted. The one that has waited longest goes on first, so that no job waits for others to begin.
 */
import { Action } from "./object-writer.ts";

/** A job's requests in their order. */
export const JOB_STEPS: readonly Action[] = [
  Action.CREATE,
  Action.UPDATE,
  Action.UPDATE,
  Action.DELETE,
];

export class Jobs {
  /** Jobs whose next request can be sent, as a ring. */
  readonly #slots: Int32Array;
  readonly #steps: Uint8Array;
  readonly #startedNs: Float64Array;
  readonly #dueNs: Float64Array;
  #first = 0;
  #count = 0;
  /** By client: what it is at. */
  readonly #step: Uint8Array;
  readonly #jobNs: Float64Array;
  readonly #jobDueNs: Float64Array;

  /** No more jobs than clients are ever under way: one begins where none waits. */
  constructor(clients: number) {
    this.#slots = new Int32Array(clients);
    this.#steps = new Uint8Array(clients);
    this.#startedNs = new Float64Array(clients);
    this.#step = new Uint8Array(clients);
    this.#jobNs = new Float64Array(clients);
    this.#dueNs = new Float64Array(clients);
    this.#jobDueNs = new Float64Array(clients);
  }

  /** The client takes the next request; returns the slot of the job's pod, -1 for a new job. */
  take(client: number, nowNs: number, dueNs: number): number {
    if (this.#count === 0) {
      this.#step[client] = 0;
      this.#jobNs[client] = nowNs;
      this.#jobDueNs[client] = dueNs;
      return -1;
    }
    const at = this.#first;
    this.#first = (this.#first + 1) % this.#slots.length;
    this.#count -= 1;
    this.#step[client] = this.#steps[at]!;
    this.#jobNs[client] = this.#startedNs[at]!;
    this.#jobDueNs[client] = this.#dueNs[at]!;
    return this.#slots[at]!;
  }

  /** The client's request has left only now: with the first one, the job begins. */
  sent(client: number, nowNs: number): void {
    if (this.#step[client] === 0) this.#jobNs[client] = nowNs;
  }

  /** When the first request of the client's job was due. */
  dueNs(client: number): number {
    return this.#jobDueNs[client]!;
  }

  actionOf(client: number): Action {
    return JOB_STEPS[this.#step[client]!]!;
  }

  /** The client's request took effect on the pod in `slot`; returns the job's start if it is over, else -1. */
  done(client: number, slot: number): number {
    const step = this.#step[client]! + 1;
    if (step === JOB_STEPS.length) return this.#jobNs[client]!;
    const at = (this.#first + this.#count) % this.#slots.length;
    this.#count += 1;
    this.#slots[at] = slot;
    this.#steps[at] = step;
    this.#startedNs[at] = this.#jobNs[client]!;
    this.#dueNs[at] = this.#jobDueNs[client]!;
    return -1;
  }

  /** Those of the phase before are left as they are. */
  restart(): void {
    this.#first = 0;
    this.#count = 0;
  }
}
