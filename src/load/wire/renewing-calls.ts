/**
 * Owns what becomes of calls that etcd turned away over their token: it stands between a transport
 * and its listener, holds them until there is a new token, and then hands them back as never
 * processed, which they were not: etcd looks at the token before anything else.
 */
import { isTokenRefused } from "../../access/token-refused.ts";
import { nowNs } from "../clock.ts";
import type { CallListener } from "../transport.ts";
import { Status } from "./grpc-status.ts";
import type { TokenHolder } from "./token-holder.ts";

const Resend = {
  NONE: 0,
  /** Handed back; the listener's next call in this slot is the same request. */
  DUE: 1,
  /** Under way for the second time. */
  DONE: 2,
} as const;

export class RenewingCalls implements CallListener {
  readonly #holder: TokenHolder;
  readonly #listener: CallListener;
  /** The token's generation that each slot's call was sent with. */
  readonly #sentWith: Uint32Array;
  readonly #resend: Uint8Array;
  #held = new Map<number, string>();

  constructor(holder: TokenHolder, listener: CallListener, slots: number) {
    this.#holder = holder;
    this.#listener = listener;
    this.#sentWith = new Uint32Array(slots);
    this.#resend = new Uint8Array(slots);
  }

  /** The transport starts a call. */
  started(slot: number): void {
    this.#sentWith[slot] = this.#holder.generation;
    this.#resend[slot] = this.#resend[slot] === Resend.DUE ? Resend.DONE : Resend.NONE;
  }

  /** A call that waited for a connection will carry the token of now. */
  carriesNewToken(slot: number): void {
    this.#sentWith[slot] = this.#holder.generation;
  }

  /** Why the slot's call, which was turned away, has not been sent again; null where it is not here. */
  holdReason(slot: number): string | null {
    if (!this.#held.has(slot)) return null;
    return "etcd refused its token, and there was no new one";
  }

  /** True where the call was held here: it is on no connection. */
  cancel(slot: number): boolean {
    this.#resend[slot] = Resend.NONE;
    return this.#held.delete(slot);
  }

  onCallSent(slot: number, now: number, wasHeld: boolean): void {
    this.#listener.onCallSent?.(slot, now, wasHeld);
  }

  onCallEnd(slot: number, status: number, message: string, now: number): void {
    if (!isTokenRefused(status, message)) {
      this.#listener.onCallEnd(slot, status, message, now);
    } else if (!this.#holder.isRenewable || this.#resend[slot] === Resend.DONE) {
      // After a change of users etcd calls a stale token an invalid argument: it is the token still.
      this.#listener.onCallEnd(slot, Status.UNAUTHENTICATED, message, now);
    } else if (this.#sentWith[slot]! < this.#holder.generation) {
      this.#handBack(slot, now);
    } else {
      this.#held.set(slot, message);
      this.#holder.renew();
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, now: number): void {
    // A stream that was at work has processed what it was sent: it is not to be begun again here.
    this.#resend[slot] = Resend.DONE;
    this.#listener.onMessage(slot, bytes, start, end, now);
  }

  onCallUnprocessed(slot: number, now: number): void {
    this.#resend[slot] = Resend.NONE;
    this.#listener.onCallUnprocessed(slot, now);
  }

  /** Lets go of what is held: to be sent again, or as failures where there is no new token. */
  settle(failure: string | null): void {
    const held = this.#held;
    this.#held = new Map();
    const now = nowNs();
    for (const [slot, message] of held) {
      if (failure === null) this.#handBack(slot, now);
      else {
        const reason = `${message}; no new token: ${failure}`;
        this.#listener.onCallEnd(slot, Status.UNAUTHENTICATED, reason, now);
      }
    }
  }

  #handBack(slot: number, now: number): void {
    this.#resend[slot] = Resend.DUE;
    this.#listener.onCallUnprocessed(slot, now);
  }
}
