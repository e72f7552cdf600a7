/**
 * Sends single requests to one member over one connection of bench's own transport, or a few where its
 * server allows few streams on each, so that their times are etcd's and not those of a heavy client. Each
 * kind of request has a slot of its own.
 */
import {
  CallMode,
  type RequestTemplate,
  Status,
  statusName,
  type TokenHolder,
  WireTransport,
} from "#wire";
import { nowNs } from "../../clock.ts";
import type { OpenedAccess } from "../../etcd/token-source.ts";
import { wireToken } from "../../etcd/wire-token.ts";
import { type ServiceMethod, type ServiceName, serviceDefinition } from "../../protos.ts";

const NS_PER_MS = 1e6;
/** `["etcdserverpb.KV", "Put"]`. */
export type Method = readonly [service: ServiceName, name: string];

/** A request that failed, with the gRPC status and the server's words. */
export class CallError extends Error {
  override name = "CallError";
  /** How long it had waited by then. */
  readonly waitedMs: number;

  constructor(status: number, message: string, waitedMs: number) {
    super(message === "" ? statusName(status) : `${statusName(status)}: ${message}`);
    this.waitedMs = waitedMs;
  }
}

export interface Answer<Message> {
  message: Message;
  /** From when the request left to the chunk that ended its answer. */
  ms: number;
}

export interface StreamListener<Message> {
  onMessage(message: Message, atNs: number): void;
  /** The stream has ended, in the server's words; it is not opened again. */
  onEnd(reason: string): void;
}

/** What is in a slot: a request that waits for its answer, or an open stream. */
interface Started {
  template: RequestTemplate;
  /** The request has left only now: it had to wait for the connection. */
  onSent?(atNs: number): void;
  onMessage(bytes: Buffer, atNs: number): void;
  onEnd(status: number, message: string, atNs: number): void;
}

export class MemberCalls {
  readonly endpoint: string;
  readonly #transport: WireTransport;
  readonly #started = new Map<number, Started>();

  private constructor(
    endpoint: string,
    slotConnections: readonly number[],
    tls: OpenedAccess["tls"],
    token: TokenHolder | null,
    openTimeoutMs: number,
  ) {
    this.endpoint = endpoint;
    this.#transport = new WireTransport({
      connectionEndpoints: new Array<string>(slotConnections.at(-1)! + 1).fill(endpoint),
      slotConnections,
      listener: {
        onCallSent: (slot, atNs) => this.#started.get(slot)?.onSent?.(atNs),
        onCallEnd: (slot, status, message, atNs) => this.#ended(slot, status, message, atNs),
        onMessage: (slot, bytes, start, end, atNs) => {
          // The bytes are only lent.
          this.#started.get(slot)?.onMessage(Buffer.from(bytes.subarray(start, end)), atNs);
        },
        onCallUnprocessed: (slot) => this.#send(slot),
      },
      openTimeoutMs,
      tls,
      token,
    });
  }

  /**
   * @param slots how many kinds of requests there are: their numbers are 0 to slots - 1
   * @throws Error in a sentence where the member cannot be reached, ControlError without a token
   */
  static async open(
    endpoint: string,
    slots: number,
    { tls, tokens }: OpenedAccess,
    timeoutMs: number,
  ): Promise<MemberCalls> {
    const token = await wireToken(tokens);
    const opened = async (perConnection: number) => {
      const ofSlots = Array.from({ length: slots }, (_, slot) => Math.floor(slot / perConnection));
      const calls = new MemberCalls(endpoint, ofSlots, tls, token, timeoutMs);
      try {
        await calls.#transport.open();
      } catch (error) {
        calls.close();
        throw error;
      }
      return calls;
    };
    const calls = await opened(slots);
    const limit = calls.#transport.streamLimits[0]!;
    // A server that allows none at first may allow some later.
    if (limit === 0 || limit >= slots) return calls;
    // Streams stay open, and what waits for one of them in the client tells nothing of the member.
    calls.close();
    return opened(limit);
  }

  /** Whether the slot has no request in flight and no open stream. */
  isFree(slot: number): boolean {
    return !this.#started.has(slot);
  }

  /** One request and its answer, in a free slot. @throws CallError */
  call<Message extends object>(
    slot: number,
    [service, name]: Method,
    request: object,
    timeoutMs: number,
  ): Promise<Answer<Message>> {
    const method = serviceDefinition(service)[name]!;
    return new Promise((resolve, reject) => {
      const calledNs = nowNs();
      let sentNs = calledNs;
      let message: Message | null = null;
      const timer = setTimeout(() => {
        const hold = this.#transport.holdReason(slot);
        this.#transport.cancel(slot);
        this.#transport.flush();
        const within = `in ${timeoutMs} ms`;
        const words = hold === null ? `no answer ${within}` : `not sent ${within}: ${hold}`;
        this.#ended(slot, Status.DEADLINE_EXCEEDED, words, nowNs());
      }, timeoutMs);
      this.#start(slot, method, request, CallMode.UNARY_ANSWER, {
        onSent(atNs) {
          // One that etcd gave back was sent before.
          if (sentNs === calledNs) sentNs = atNs;
        },
        onMessage(bytes) {
          message = method.responseDeserialize(bytes) as Message;
        },
        onEnd(status, words, atNs) {
          clearTimeout(timer);
          const sinceMs = (fromNs: number) => Math.max(0, atNs - fromNs) / NS_PER_MS;
          if (status === Status.OK && message !== null) {
            resolve({ message, ms: sinceMs(sentNs) });
          } else reject(new CallError(status, words, sinceMs(calledNs)));
        },
      });
    });
  }

  /** Opens a stream in a free slot, with its first message. */
  stream<Message extends object>(
    slot: number,
    [service, name]: Method,
    request: object,
    listener: StreamListener<Message>,
  ): void {
    const method = serviceDefinition(service)[name]!;
    this.#start(slot, method, request, CallMode.STREAM, {
      onMessage: (bytes, atNs) =>
        listener.onMessage(method.responseDeserialize(bytes) as Message, atNs),
      onEnd: (status, words) => listener.onEnd(new CallError(status, words, 0).message),
    });
  }

  /** Sends the first message of the slot's stream again; nothing happens where it has ended. */
  sendAgain(slot: number): void {
    const stream = this.#started.get(slot);
    if (stream === undefined) return;
    this.#transport.send(slot, stream.template);
    this.#transport.flush();
  }

  /** Ends the connection; requests in flight fail as CANCELLED. */
  close(): void {
    for (const slot of [...this.#started.keys()]) {
      this.#ended(slot, Status.CANCELLED, "the probe has ended", nowNs());
    }
    this.#transport.close();
  }

  #start(
    slot: number,
    { path, requestSerialize }: ServiceMethod,
    request: object,
    mode: CallMode,
    handlers: Omit<Started, "template">,
  ): void {
    const template = this.#transport.template(path, requestSerialize(request), mode);
    this.#started.set(slot, { template, ...handlers });
    this.#send(slot);
  }

  #send(slot: number): void {
    const started = this.#started.get(slot);
    if (started === undefined) return;
    this.#transport.call(slot, started.template);
    this.#transport.flush();
  }

  #ended(slot: number, status: number, message: string, atNs: number): void {
    const started = this.#started.get(slot);
    this.#started.delete(slot);
    started?.onEnd(status, message, atNs);
  }
}
