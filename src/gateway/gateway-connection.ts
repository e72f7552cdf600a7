/**
 * One of the run's connections across its whole life, with at most one request in flight: opens it,
 * sends, reads the response, and opens it again when it ends. A request in flight at a drop has
 * failed and is not sent again; one that was never sent waits for the next attempt.
 */
import type { Socket } from "node:net";
import { type CallListener, CallMode, type Carried, Status } from "#wire";
import { nowNs } from "../clock.ts";
import { Backoff } from "../net/backoff.ts";
import { connectWords } from "../net/connect-words.ts";
import { FirstAttempt } from "../net/first-attempt.ts";
import type { SocketOpener } from "../net/socket-opener.ts";
import { GatewayResponse } from "./gateway-response.ts";
import type { GatewayTemplate } from "./gateway-template.ts";

const DEFAULT_OPEN_TIMEOUT_MS = 5_000;
const FIRST_REQUEST_BYTES = 512;

const Phase = {
  IDLE: 0,
  /** For a connection. */
  WAITING: 1,
  /** For the next flush. */
  QUEUED: 2,
  SENT: 3,
} as const;

export interface GatewayConnectionOptions {
  /** `host:port`. */
  endpoint: string;
  /** All connections of a thread share it. */
  sockets: SocketOpener;
  /** The head of each kind of request, grown by the transport as templates are made. */
  heads: readonly Buffer[];
  listener: CallListener;
  /** From the first SYN until requests can be sent. */
  openTimeoutMs: number | undefined;
  /** Bytes were read: what they made due may leave. */
  onTurnEnd: () => void;
  random: () => number;
}

export class GatewayConnection {
  /** Set by the transport while this connection is in its list of those to flush. */
  isUnflushed = false;
  readonly #options: GatewayConnectionOptions;
  readonly #backoff: Backoff;
  readonly #response = new GatewayResponse((bytes, end) => this.#part(bytes, end));
  #socket: Socket | null = null;
  #isReady = false;
  /** Requests that the present socket has had answers to. */
  #answered = 0;
  #sent = 0;
  #retryTimer: NodeJS.Timeout | null = null;
  #openTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** Why there is no connection; empty before one has failed. */
  #lastFailure = "";
  readonly #firstAttempt = new FirstAttempt();
  #phase: number = Phase.IDLE;
  #slot = 0;
  #template: GatewayTemplate | null = null;
  #request: Buffer = Buffer.allocUnsafeSlow(FIRST_REQUEST_BYTES);
  /** The part of it that is the current request. */
  #requestView: Buffer = this.#request;
  /** The clock read of the current chunk. */
  #nowNs = 0;

  constructor(options: GatewayConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get carried(): Carried {
    return { sent: this.#sent, open: this.#phase === Phase.SENT ? 1 : 0 };
  }

  /** Resolves when requests can be sent; rejects with the reason when the first attempt fails. */
  open(): Promise<void> {
    return this.#firstAttempt.begin(() => this.#connect());
  }

  /** Makes the request, which leaves at the next flush, or once there is a connection. */
  call(slot: number, template: GatewayTemplate): void {
    this.#slot = slot;
    this.#template = template;
    const head = this.#options.heads[template.headIndex]!;
    const room = template.mostBytes(head);
    if (this.#request.length < room) this.#request = Buffer.allocUnsafeSlow(room);
    const bytes = template.write(head, this.#request);
    const view = this.#requestView;
    if (view.buffer !== this.#request.buffer || view.length !== bytes) {
      this.#requestView = this.#request.subarray(0, bytes);
    }
    this.#phase = this.#isReady ? Phase.QUEUED : Phase.WAITING;
  }

  /** Whether a flush would write anything. */
  get hasOutput(): boolean {
    return this.#phase === Phase.QUEUED;
  }

  flush(): void {
    this.isUnflushed = false;
    if (this.#phase === Phase.QUEUED) this.#send();
  }

  /** Which slot has a request here, for what is said of it. */
  get slot(): number {
    return this.#slot;
  }

  cancel(): void {
    const phase = this.#phase;
    this.#phase = Phase.IDLE;
    // HTTP/1.1 has no other way to leave a response unread.
    if (phase === Phase.SENT) this.#replace();
  }

  /** What keeps the request here, in whole or in part; null: it has left. */
  get holdReason(): string | null {
    if (this.#phase === Phase.WAITING) {
      const failure = this.#lastFailure === "" ? "" : ` (${this.#lastFailure})`;
      return `there was no connection to ${this.#options.endpoint}${failure}`;
    }
    if (this.#phase !== Phase.SENT || this.#socket === null) return null;
    return this.#socket.writableLength > 0 ? "the server did not read the request" : null;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#discard();
  }

  #connect(): void {
    this.#retryTimer = null;
    const { endpoint, sockets, openTimeoutMs = DEFAULT_OPEN_TIMEOUT_MS } = this.#options;
    const socket = sockets.open(endpoint, (bytes, lengthBytes) => {
      if (this.#socket !== socket) return;
      this.#received(bytes, lengthBytes);
      this.#options.onTurnEnd();
    });
    this.#socket = socket;
    this.#answered = 0;
    let failure = "the server closed the connection";
    let isSound = true;
    this.#openTimer = setTimeout(() => {
      failure = `the server did not take the connection within ${openTimeoutMs / 1000} s`;
      socket.destroy();
    }, openTimeoutMs);
    socket.once(sockets.isSecure ? "secureConnect" : "connect", () => {
      if (this.#socket !== socket || socket.destroyed) return;
      this.#opened();
      this.#options.onTurnEnd();
    });
    socket.on("error", (error) => {
      isSound = false;
      failure = connectWords(error);
    });
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      if (isSound) this.#inputEnded();
      if (this.#socket === socket) this.#ended(failure);
      this.#options.onTurnEnd();
    });
  }

  #opened(): void {
    clearTimeout(this.#openTimer!);
    this.#isReady = true;
    this.#firstAttempt.ended(null);
    if (this.#phase !== Phase.WAITING) return;
    const now = nowNs();
    this.#send();
    this.#options.listener.onCallSent?.(this.#slot, now, true);
  }

  #send(): void {
    const template = this.#template!;
    this.#phase = Phase.SENT;
    this.#sent += 1;
    this.#response.begin(template.method);
    this.#socket!.write(this.#requestView);
  }

  #received(bytes: Uint8Array, lengthBytes: number): void {
    if (this.#phase !== Phase.SENT) {
      this.#ended("the server sent a response that was not asked for");
      return;
    }
    this.#nowNs = nowNs();
    const fault = this.#response.read(bytes, lengthBytes);
    // The listener that got a part of the answer may have cancelled the call.
    if (this.#phase !== Phase.SENT) return;
    if (fault !== "") this.#fail(Status.INTERNAL, fault);
    else if (this.#response.hasEnded) this.#responded();
  }

  /** The server has sent all: that may be how it ends a response. */
  #inputEnded(): void {
    if (this.#phase !== Phase.SENT || !this.#response.endOfInput()) return;
    this.#nowNs = nowNs();
    this.#responded();
  }

  #part(bytes: Buffer, end: number): void {
    if (this.#phase !== Phase.SENT || this.#template!.mode === CallMode.UNARY) return;
    this.#options.listener.onMessage(this.#slot, bytes, 0, end, this.#nowNs);
  }

  #responded(): void {
    const response = this.#response;
    this.#answered += 1;
    response.finish();
    if (this.#phase !== Phase.SENT) return;
    this.#phase = Phase.IDLE;
    // A response that came before the request had left whole leaves the rest of that in the way.
    if (!response.isKept || this.#socket!.writableLength > 0) this.#replace();
    this.#options.listener.onCallEnd(this.#slot, response.status, response.message, this.#nowNs);
  }

  /** The current request fails, and the connection with it. */
  #fail(status: number, reason: string): void {
    const slot = this.#slot;
    this.#phase = Phase.IDLE;
    this.#lastFailure = reason;
    this.#discard();
    this.#connectLater();
    this.#options.listener.onCallEnd(slot, status, reason, this.#nowNs);
  }

  /** The connection is over, for a reason that is not ours; what is in flight fails. */
  #ended(reason: string): void {
    const wasReady = this.#isReady;
    this.#lastFailure = reason;
    this.#discard();
    if (this.#isClosed) return;
    if (this.#firstAttempt.ended(reason)) return;
    this.#connectLater();
    const isLost = this.#phase === Phase.SENT || (this.#phase === Phase.WAITING && !wasReady);
    if (this.#phase === Phase.QUEUED) this.#phase = Phase.WAITING;
    if (!isLost) return;
    this.#phase = Phase.IDLE;
    this.#options.listener.onCallEnd(this.#slot, Status.UNAVAILABLE, reason, nowNs());
  }

  /** Another connection at once in the place of one that works. */
  #replace(): void {
    this.#discard();
    if (!this.#isClosed) this.#retryTimer = setTimeout(() => this.#connect(), 0);
  }

  /** At once where the last one served, else after the backoff. */
  #connectLater(): void {
    if (this.#answered > 0) this.#backoff.reset();
    const delayMs = this.#answered > 0 ? 0 : this.#backoff.nextMs();
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  #discard(): void {
    if (this.#openTimer !== null) clearTimeout(this.#openTimer);
    const socket = this.#socket;
    this.#socket = null;
    this.#isReady = false;
    socket?.destroy();
  }
}
