/**
 * Times how long clients keep a lock or leadership: one timer for all, since all keep it equally long
 * and so come due in the order in which they began. A timer of Node ends up to a millisecond late.
 */
import { nowNs } from "../../../clock.ts";

export class HoldTimer {
  readonly #holdNs: number;
  readonly #onOver: (client: number, nowNs: number) => void;
  /** The clients that keep something, in the order of their time. */
  readonly #clients: Int32Array;
  readonly #dueNs: Float64Array;
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(holdMs: number, clients: number, onOver: (client: number, nowNs: number) => void) {
    this.#holdNs = holdMs * 1e6;
    this.#onOver = onOver;
    this.#clients = new Int32Array(clients);
    this.#dueNs = new Float64Array(clients);
  }

  start(client: number, nowNs: number): void {
    this.#clients[this.#count] = client;
    this.#dueNs[this.#count] = nowNs + this.#holdNs;
    this.#count += 1;
    if (this.#count === 1) this.#wait(nowNs);
  }

  /** Nothing happens where the client keeps nothing. */
  cancel(client: number): void {
    const at = this.#clients.subarray(0, this.#count).indexOf(client);
    if (at >= 0) this.#remove(at);
  }

  #remove(at: number): void {
    this.#clients.copyWithin(at, at + 1, this.#count);
    this.#dueNs.copyWithin(at, at + 1, this.#count);
    this.#count -= 1;
    if (this.#count > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(now: number): void {
    const restMs = Math.max(0, (this.#dueNs[0]! - now) / 1e6);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#end();
    }, Math.ceil(restMs));
  }

  #end(): void {
    let now = nowNs();
    while (this.#count > 0 && this.#dueNs[0]! <= now) {
      const client = this.#clients[0]!;
      this.#remove(0);
      this.#onOver(client, now);
      now = nowNs();
    }
    if (this.#count > 0 && this.#timer === null) this.#wait(now);
  }
}
