/**
 * Holds calls that etcd turned away over their token until there is a new one, between a transport and
 * its listener. Then it hands them back as never processed, which is true: etcd looks at the token
 * before anything else.
 */
import { nowNs } from "../clock.ts";
import { Status } from "./grpc-status.ts";
import type { TokenHolder } from "./token-holder.ts";
import { type CallListener, CallMode } from "./transport.ts";

/**
 * So that an etcd that refuses each new token cannot keep a request going round. A call that waits
 * for longer than a token lives, as for a lock, is refused with several; its deadline ends it.
 */
export const MOST_RESENDS = 20;

export class RenewingCalls implements CallListener {
  readonly #holder: TokenHolder;
  readonly #listener: CallListener;
  /** The token's generation that each slot's call was sent with. */
  readonly #sentWith: Uint32Array;
  /** How often each slot's request was handed back, and whether its next call is the same one. */
  readonly #resends: Uint8Array;
  readonly #isDue: Uint8Array;
  /** Whether the slot's call may be begun again after messages have come: a stream both ways. */
  readonly #isStream: Uint8Array;
  /** Messages since the call was started. */
  readonly #heard: Uint32Array;
  #held = new Map<number, string>();

  /** Null without a token: the transport then calls the listener itself. */
  static of(holder: TokenHolder | null, listener: CallListener, slots: number) {
    return holder === null ? null : new RenewingCalls(holder, listener, slots);
  }

  constructor(holder: TokenHolder, listener: CallListener, slots: number) {
    this.#holder = holder;
    this.#listener = listener;
    this.#sentWith = new Uint32Array(slots);
    this.#resends = new Uint8Array(slots);
    this.#isDue = new Uint8Array(slots);
    this.#isStream = new Uint8Array(slots);
    this.#heard = new Uint32Array(slots);
  }

  /** The transport starts a call. */
  started(slot: number, mode: CallMode): void {
    this.#sentWith[slot] = this.#holder.generation;
    if (this.#isDue[slot] === 0) this.#resends[slot] = 0;
    this.#isDue[slot] = 0;
    this.#heard[slot] = 0;
    this.#isStream[slot] = mode === CallMode.STREAM ? 1 : 0;
  }

  /** A call that waited for a connection will carry the token of now. */
  carriesNewToken(slot: number): void {
    this.#sentWith[slot] = this.#holder.generation;
  }

  /** Why the slot's call, which was turned away, has not been sent again; null where it is not here. */
  holdReason(slot: number): string | null {
    if (!this.#held.has(slot)) return null;
    return "the server refused its token, and there was no new one";
  }

  /** True where the call was held here: it is on no connection. */
  cancel(slot: number): boolean {
    this.#isDue[slot] = 0;
    return this.#held.delete(slot);
  }

  onCallSent(slot: number, now: number, wasHeld: boolean): void {
    this.#listener.onCallSent?.(slot, now, wasHeld);
  }

  onCallEnd(slot: number, status: number, message: string, now: number): void {
    if (!this.#holder.isRefused(status, message)) {
      this.#listener.onCallEnd(slot, status, message, now);
    } else if (!this.#mayResend(slot)) {
      // After a change of users etcd calls a stale token an invalid argument: it is the token still.
      this.#listener.onCallEnd(slot, Status.UNAUTHENTICATED, message, now);
    } else if (this.#isWithoutNewToken(slot, now)) {
      this.#fail(slot, message, this.#holder.failureAt(now)!, now);
    } else {
      this.hold(slot, message, now);
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, now: number): void {
    this.#heard[slot]! += 1;
    this.#listener.onMessage(slot, bytes, start, end, now);
  }

  /** Whether a stream whose message was refused in these words can go on with a new token. */
  canRenew(slot: number, reason: string, now: number): boolean {
    // The refusal is one of them: before it the stream has worked.
    if (this.#heard[slot]! > 1) this.#resends[slot] = 0;
    if (this.#isWithoutNewToken(slot, now)) return false;
    if (this.#resends[slot]! >= MOST_RESENDS) return false;
    return this.#holder.isRefused(Status.UNKNOWN, reason);
  }

  /** Holds the slot, whose stream has been ended here, until there is a new token. */
  hold(slot: number, reason: string, now: number): void {
    if (this.#sentWith[slot]! < this.#holder.generation) {
      this.#handBack(slot, now);
    } else {
      this.#held.set(slot, reason);
      this.#holder.renew(now);
    }
  }

  onCallUnprocessed(slot: number, now: number, _ = false, reason = ""): void {
    this.#isDue[slot] = 0;
    this.#listener.onCallUnprocessed(slot, now, false, reason);
  }

  /** Lets go of what is held: to be sent again, or as failures where there is no new token. */
  settle(failure: string | null): void {
    const held = this.#held;
    this.#held = new Map();
    const now = nowNs();
    for (const [slot, message] of held) {
      if (failure === null) this.#handBack(slot, now);
      else this.#fail(slot, message, failure, now);
    }
  }

  /**
   * etcd looks at the token before it processes a message, so a stream that worked for a while lacks
   * the answer to its last one alone; a call that etcd answers in parts is not to be begun again.
   */
  #mayResend(slot: number): boolean {
    if (this.#heard[slot]! > 0) {
      if (this.#isStream[slot] === 0) return false;
      this.#resends[slot] = 0;
    }
    return this.#resends[slot]! < MOST_RESENDS;
  }

  /** The slot's call carried the token of now, and none is asked for as yet. */
  #isWithoutNewToken(slot: number, now: number): boolean {
    const hasTokenOfNow = this.#sentWith[slot] === this.#holder.generation;
    return hasTokenOfNow && this.#holder.failureAt(now) !== null;
  }

  #fail(slot: number, message: string, failure: string, now: number): void {
    const reason = `${message}; no new token: ${failure}`;
    this.#listener.onCallEnd(slot, Status.UNAUTHENTICATED, reason, now);
  }

  #handBack(slot: number, now: number): void {
    this.#resends[slot]! += 1;
    this.#isDue[slot] = 1;
    this.#listener.onCallUnprocessed(slot, now, true, "a token that etcd no longer took");
    // A stream without a waiting client is not begun again at once.
    this.#isDue[slot] = 0;
  }
}
