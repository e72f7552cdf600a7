/**
 * Keeps one of the run's connections alive: opens it, opens it again when it ends, and keeps the calls
 * that wait meanwhile. In flight at a drop means failed; only calls that were never sent wait for the
 * next attempt, and fail with it when it fails.
 */
import type { Socket } from "node:net";
import { nowNs } from "../clock.ts";
import { Backoff } from "../net/backoff.ts";
import { connectWords } from "../net/connect-words.ts";
import { FirstAttempt } from "../net/first-attempt.ts";
import type { SocketOpener } from "../net/socket-opener.ts";
import { type CallTable, Phase } from "./call-table.ts";
import { Connection, WINDOW_FULL } from "./connection.ts";
import { Status } from "./grpc-status.ts";
import type { WireTemplate } from "./request.ts";
import type { AnswerRead, CallListener, Carried } from "./transport.ts";

const DEFAULT_OPEN_TIMEOUT_MS = 5_000;

interface Waiting {
  template: WireTemplate;
  /** Copies, since the template is patched again before the call is sent: of the message that opens
   * the call, and of those that a stream is to send after it. */
  frames: Buffer[];
}

export interface ChannelOptions {
  /** `host:port`. */
  endpoint: string;
  /** All channels of a thread share it. */
  sockets: SocketOpener;
  /** The HEADERS frame of each path, grown by the transport as templates are made. */
  headersFrames: readonly Buffer[];
  calls: CallTable;
  listener: CallListener;
  /** From the first SYN to the server's SETTINGS. */
  openTimeoutMs?: number;
  /** The last bytes that its socket has for now were read: what they made due may leave. */
  onTurnEnd: () => void;
  /** Bytes were read of which more may follow at once: frames may wait to be sent. */
  onRecord: (channel: Channel) => void;
  random: () => number;
  /** Only for tests of what happens when stream ids run out. */
  firstStreamId?: number;
}

export class Channel {
  /** Set by the transport while this channel is in its list of channels to flush. */
  isUnflushed = false;
  readonly #options: ChannelOptions;
  readonly #backoff: Backoff;
  /** By slot, in the order of the calls. */
  #waiting = new Map<number, Waiting>();
  /** Takes new calls; null while there is none or its server's SETTINGS are not here. */
  #current: Connection | null = null;
  /** The current one, one that is being opened, and those that drain. */
  #connections: Connection[] = [];
  /** Messages that were sent on connections that have ended. */
  #sentBefore = 0;
  readonly #sockets = new Set<Socket>();
  #retryTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** Why there is no connection; empty before one has failed. */
  #lastFailure = "";
  readonly #firstAttempt = new FirstAttempt();

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get isReady(): boolean {
    return this.#current !== null;
  }

  /** Resolves when calls can start; rejects with the reason when the first attempt fails. */
  open(): Promise<void> {
    return this.#firstAttempt.begin(() => this.#connect());
  }

  call(slot: number, template: WireTemplate): void {
    if (this.#current?.hasRoom && this.#waiting.size === 0) {
      this.#current.start(slot, template, template.frameView, template.frameBytes);
      return;
    }
    this.#options.calls.phase[slot] = Phase.WAITING;
    this.#waiting.set(slot, { template, frames: [template.copyFrame()] });
  }

  /** Another message of the slot's stream, which may still wait itself. */
  send(slot: number, template: WireTemplate): void {
    if (this.#options.calls.phase[slot] === Phase.WAITING) {
      this.#waiting.get(slot)?.frames.push(template.copyFrame());
    } else {
      for (const connection of this.#connections)
        connection.send(slot, template.frameView, template.frameBytes);
    }
  }

  cancel(slot: number): void {
    if (this.#options.calls.phase[slot] === Phase.WAITING) {
      this.#waiting.delete(slot);
      this.#options.calls.free(slot);
    } else {
      for (const connection of this.#connections) connection.cancel(slot);
    }
  }

  /** How many streams its server allows at once; Infinity where it names none or is not there. */
  get maxConcurrentStreams(): number {
    return this.#current?.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  get carried(): Carried {
    const carried = { sent: this.#sentBefore, open: 0 };
    for (const { sentMessages, openStreams } of this.#connections) {
      carried.sent += sentMessages;
      carried.open += openStreams;
    }
    return carried;
  }

  /** Which limit keeps the slot's request here, in whole or in part; null: it has left. */
  holdReason(slot: number): string | null {
    if (this.#options.calls.phase[slot] === Phase.WAITING) {
      if (this.#current !== null) return this.#current.holdReason;
      const failure = this.#lastFailure === "" ? "" : ` (${this.#lastFailure})`;
      return `there was no connection to ${this.#options.endpoint}${failure}`;
    }
    for (const connection of this.#connections) {
      if (connection.isHoldingBack(slot)) return WINDOW_FULL;
    }
    return null;
  }

  /** See `Transport`. */
  readAnswer(slot: number, read: AnswerRead): number {
    for (const connection of this.#connections) {
      const value = connection.readAnswer(slot, read);
      if (value !== 0) return value;
    }
    return 0;
  }

  /** Whether a flush would write anything. */
  get hasOutput(): boolean {
    for (const connection of this.#connections) if (connection.hasOutput) return true;
    return false;
  }

  flush(): void {
    this.isUnflushed = false;
    for (const connection of this.#connections) connection.flush();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(): void {
    this.#retryTimer = null;
    const { endpoint, sockets } = this.#options;
    const socket = sockets.open(endpoint, (bytes, lengthBytes) => {
      connection.received(bytes, lengthBytes);
      if (sockets.isSecure) {
        this.#options.onRecord(this);
      } else {
        connection.flush();
        this.#options.onTurnEnd();
      }
    });
    this.#sockets.add(socket);
    let failure = "the server closed the connection";
    const { openTimeoutMs = DEFAULT_OPEN_TIMEOUT_MS } = this.#options;
    const timer = setTimeout(() => {
      failure = `the server sent no HTTP/2 SETTINGS within ${openTimeoutMs / 1000} s`;
      socket.destroy();
    }, openTimeoutMs);
    const { headersFrames, calls, listener, firstStreamId } = this.#options;
    const connection = new Connection(
      socket,
      headersFrames,
      calls,
      listener,
      {
        onReady: () => {
          clearTimeout(timer);
          this.#current = connection;
          this.#firstAttempt.ended(null);
        },
        onRoom: () => this.#startWaiting(),
        onDraining: () => {
          if (this.#current !== connection) return;
          this.#current = null;
          this.#connectLater(connection);
        },
        onClosed: (reason) => {
          clearTimeout(timer);
          this.#closed(connection, reason);
        },
      },
      firstStreamId,
    );
    this.#connections.push(connection);
    socket.on("drain", () => {
      if (this.#waiting.size === 0) return;
      this.#startWaiting();
      connection.flush();
    });
    socket.on("error", (error) => {
      failure = connectWords(error);
    });
    socket.on("close", () => {
      this.#sockets.delete(socket);
      connection.close(failure);
      this.#options.onTurnEnd();
    });
  }

  #closed(connection: Connection, reason: string): void {
    this.#connections = this.#connections.filter((one) => one !== connection);
    this.#sentBefore += connection.sentMessages;
    if (this.#isClosed) return;
    this.#lastFailure = reason;
    if (this.#current === connection) {
      this.#current = null;
      this.#connectLater(connection);
    } else if (!connection.wasReady) {
      this.#attemptFailed(reason);
    }
    // Else it drained, and another one was opened when that began.
  }

  /** Replaces `ended`: at once if it had served calls, else after the backoff. */
  #connectLater(ended: Connection): void {
    if (this.#isClosed) return;
    if (ended.answeredCalls > 0) this.#backoff.reset();
    const delayMs = ended.answeredCalls > 0 ? 0 : this.#backoff.nextMs();
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  #attemptFailed(reason: string): void {
    if (this.#firstAttempt.ended(reason)) return;
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.nextMs());
    const failed = this.#waiting;
    this.#waiting = new Map();
    const now = nowNs();
    for (const slot of failed.keys()) {
      this.#options.calls.free(slot);
      this.#options.listener.onCallEnd(slot, Status.UNAVAILABLE, reason, now);
    }
  }

  #startWaiting(): void {
    // Asked after each answer: nothing is made where nothing waits.
    if (this.#waiting.size === 0) return;
    const now = nowNs();
    for (const [slot, { template, frames }] of this.#waiting) {
      // Starting a call may use up the connection's stream ids, and then another one is opened.
      const connection = this.#current;
      if (!connection?.hasRoom) return;
      this.#waiting.delete(slot);
      const [first] = frames;
      connection.start(slot, template, first!, first!.length);
      for (const frame of frames.slice(1)) connection.send(slot, frame, frame.length);
      this.#options.listener.onCallSent?.(slot, now, true);
    }
  }
}
