/** A transport without sockets: the test sees each call and decides when and how it ends. */
import type { CallListener, RequestTemplate, Transport } from "../../../src/wire/transport.ts";

export interface FakeCall {
  slot: number;
  /** A copy of the request's octets at the time of the call. */
  bytes: Buffer;
  madeNs: number;
}

export class FakeTransport implements Transport {
  readonly readyConnections = 1;
  readonly carried = [];
  readonly pending = new Map<number, FakeCall>();
  readonly calls: FakeCall[] = [];
  readonly cancelled: number[] = [];
  /** Calls made since the last flush. */
  unflushed = 0;
  /** The first misuse of the transport by the driver. */
  fault: string | null = null;
  onCall: (call: FakeCall) => void = () => {};
  readonly #listener: CallListener;

  constructor(listener: CallListener) {
    this.#listener = listener;
  }

  async open(): Promise<void> {}

  template(path: string, message: Uint8Array): RequestTemplate {
    return { path, bytes: Buffer.from(message), messageOffset: 0 };
  }

  sizedTemplate(): never {
    throw new Error("no value here varies in size");
  }

  call(slot: number, template: RequestTemplate): void {
    if (this.pending.has(slot)) this.fault ??= `slot ${slot} has two calls`;
    const call = { slot, bytes: Buffer.from(template.bytes), madeNs: performance.now() * 1e6 };
    this.pending.set(slot, call);
    this.calls.push(call);
    this.unflushed += 1;
    this.onCall(call);
  }

  send(): void {
    this.fault ??= "a unary call was sent another message";
  }

  cancel(slot: number): void {
    if (!this.pending.delete(slot)) this.fault ??= `slot ${slot} was cancelled without a call`;
    this.cancelled.push(slot);
  }

  flush(): void {
    this.unflushed = 0;
  }

  close(): void {}

  /** Why each slot's call is held in the client, by slot. */
  readonly holds = new Map<number, string>();

  holdReason(slot: number): string | null {
    return this.holds.get(slot) ?? null;
  }

  /** Reports the call as sent only now: it was held in the client, or it was sent late. */
  leave(slot: number, wasHeld = false): void {
    this.#listener.onCallSent?.(slot, performance.now() * 1e6, wasHeld);
  }

  /** Ends the call in a slot as a chunk from the socket would, with a flush at the end. */
  end(slot: number, status = 0, message = ""): void {
    if (!this.pending.delete(slot)) throw new Error(`slot ${slot} has no call to end`);
    this.#listener.onCallEnd(slot, status, message, performance.now() * 1e6);
    this.flush();
  }

  refuse(slot: number): void {
    if (!this.pending.delete(slot)) throw new Error(`slot ${slot} has no call to refuse`);
    this.#listener.onCallUnprocessed(slot, performance.now() * 1e6);
    this.flush();
  }
}
