/** Sends what the adders add: unary calls as fast as a few lanes carry them, and streams that stay open. */
import {
  type CallListener,
  CallMode,
  type RequestTemplate,
  Status,
  statusName,
  WireTransport,
} from "#wire";
import { BenchError, EXIT, unreachableError } from "../errors.ts";
import { setUpFailure } from "../etcd/set-up-failure.ts";
import type { OpenedAccess } from "../etcd/token-source.ts";
import { wireToken } from "../etcd/wire-token.ts";
import { serviceDefinition } from "../protos.ts";

/** The member that is measured, and how to get in. */
export interface MeasuredMember {
  /** `host:port`. */
  endpoint: string;
  access: OpenedAccess;
}

const LANES = 64;
/** Of all calls of one step together. */
const DONE_WITHIN_MS = 120_000;

/**
 * Opens connections to the member, with the connection of each slot. Resolves when they are open.
 * @throws BenchError (unreachable) where the first attempt failed
 */
export async function openTransport(
  { endpoint, access }: MeasuredMember,
  connections: number,
  slotConnections: readonly number[],
  listener: CallListener,
): Promise<WireTransport> {
  const transport = new WireTransport({
    connectionEndpoints: new Array<string>(connections).fill(endpoint),
    slotConnections,
    listener,
    tls: access.tls,
    token: await wireToken(access.tokens),
  });
  try {
    await transport.open();
  } catch (cause) {
    transport.close();
    const { message } = cause as Error;
    throw unreachableError(`a connection to ${endpoint} could not be opened: ${message}`, cause);
  }
  return transport;
}

/** Waits until so many answers have come. */
class Awaited {
  #left = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param what is awaited, in words: `puts` */
  wait(count: number, what: string): Promise<void> {
    if (count === 0) return Promise.resolve();
    this.#left = count;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#timer = setTimeout(() => {
        const seconds = DONE_WITHIN_MS / 1000;
        this.fail(
          new BenchError(
            `${this.#left} of ${count} ${what} were not answered in ${seconds} s; add fewer`,
            EXIT.failed,
          ),
        );
      }, DONE_WITHIN_MS);
    });
  }

  came(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end()?.resolve();
  }

  fail(error: Error): void {
    this.#end()?.reject(error);
  }

  #end() {
    clearTimeout(this.#timer);
    const settle = this.#settle;
    this.#settle = null;
    return settle;
  }
}

/** Unary calls over one connection, some of them at once. */
export class UnaryCalls implements CallListener {
  readonly #what: string;
  readonly #awaited = new Awaited();
  #transport!: WireTransport;
  #template: () => RequestTemplate = () => {
    throw new Error("no calls are under way");
  };
  /** By lane, what was sent last. */
  readonly #sent: RequestTemplate[] = [];
  /** Not sent yet. */
  #left = 0;
  #alsoDone: number = Status.OK;

  private constructor(what: string) {
    this.#what = what;
  }

  /** @param what the calls are, in words: `puts` */
  static async open(member: MeasuredMember, what: string): Promise<UnaryCalls> {
    const calls = new UnaryCalls(what);
    calls.#transport = await openTransport(member, 1, new Array(LANES).fill(0), calls);
    return calls;
  }

  /**
   * @param alsoDone a status that is as good as OK, such as NOT_FOUND where something is deleted
   * @throws BenchError where etcd refuses one; do not run any more then
   */
  async run(
    path: string,
    count: number,
    message: (nth: number) => Buffer,
    alsoDone: number = Status.OK,
  ): Promise<void> {
    let nth = 0;
    this.#left = count;
    this.#alsoDone = alsoDone;
    this.#template = () => this.#transport.template(path, message(nth++), CallMode.UNARY);
    const done = this.#awaited.wait(count, this.#what);
    for (let lane = 0; lane < Math.min(LANES, count); lane++) this.#next(lane);
    this.#transport.flush();
    await done;
  }

  close(): void {
    this.#transport.close();
  }

  onCallEnd(slot: number, status: number, message: string): void {
    if (status !== Status.OK && status !== this.#alsoDone) {
      this.#left = 0;
      const failed = { codeName: statusName(status), details: message };
      this.#awaited.fail(setUpFailure(`the ${this.#what} failed`, failed));
      return;
    }
    this.#awaited.came();
    this.#next(slot);
  }

  onMessage(): void {}

  /** The same message again: each is sent once. */
  onCallUnprocessed(slot: number): void {
    this.#transport.call(slot, this.#sent[slot]!);
  }

  #next(slot: number): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const template = this.#template();
    this.#sent[slot] = template;
    this.#transport.call(slot, template);
  }
}

/** Streams on a connection, where its server does not allow fewer. */
const STREAMS_PER_CONNECTION = 80;

/** Of one stream, the watchers that were asked for and answered since it was opened for the first time. */
interface StreamState {
  asked: number;
  answered: number;
  /** Answers still to come to what was asked again of a stream that was opened again. */
  again: number;
}

interface WatchAnswer {
  canceled: boolean;
  cancelReason: string;
}

/** Watch streams that stay open, dealt to as many connections as they need in turn. */
export class WatchStreams implements CallListener {
  readonly #awaited = new Awaited();
  #transport!: WireTransport;
  readonly #streams: StreamState[] = [];
  /** What opens a stream, and what asks for a watcher. */
  #opening: Buffer = Buffer.alloc(0);
  #request: Buffer = Buffer.alloc(0);
  #isClosing = false;

  /** @param most streams that will be opened */
  static async open(member: MeasuredMember, most: number): Promise<WatchStreams> {
    const streams = new WatchStreams();
    streams.#transport = await streams.#connect(member, most, STREAMS_PER_CONNECTION);
    const limit = streams.#transport.streamLimits[0]!;
    // A server that allows none at first may allow some later.
    if (limit > 0 && limit < Math.min(most, STREAMS_PER_CONNECTION)) {
      streams.#transport.close();
      streams.#transport = await streams.#connect(member, most, limit);
    }
    return streams;
  }

  #connect(member: MeasuredMember, most: number, perConnection: number): Promise<WireTransport> {
    const connections = Math.ceil(most / perConnection);
    const slots = Array.from({ length: most }, (_, slot) => slot % connections);
    return openTransport(member, connections, slots, this);
  }

  /** Opens so many more, each with this first message, which etcd does not answer. */
  begin(count: number, message: Buffer): void {
    this.#opening = message;
    const template = this.#template(message);
    for (let n = 0; n < count; n++) {
      const slot = this.#streams.push({ asked: 0, answered: 0, again: 0 }) - 1;
      this.#transport.call(slot, template);
    }
    this.#transport.flush();
  }

  /** Asks for a watcher on each stream in turn, so many in all; resolves when each is there. */
  async ask(count: number, message: Buffer): Promise<void> {
    this.#request = message;
    const template = this.#template(message);
    const done = this.#awaited.wait(count, "watchers");
    for (let n = 0; n < count; n++) {
      const slot = n % this.#streams.length;
      this.#streams[slot]!.asked += 1;
      this.#transport.send(slot, template);
    }
    this.#transport.flush();
    await done;
  }

  close(): void {
    this.#isClosing = true;
    this.#transport.close();
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const { canceled, cancelReason } = readWatchAnswer(bytes.subarray(start, end));
    if (canceled) {
      // With a new token the stream begins again, with all of its watchers.
      if (this.#transport.messageRefused(slot, cancelReason)) return;
      this.#fail("etcd cancelled a watcher", Status.ABORTED, cancelReason);
      return;
    }
    const stream = this.#streams[slot]!;
    if (stream.again > 0) {
      stream.again -= 1;
      return;
    }
    stream.answered += 1;
    this.#awaited.came();
  }

  onCallEnd(_slot: number, status: number, message: string): void {
    if (!this.#isClosing) this.#fail("a watch stream ended", status, message);
  }

  onCallUnprocessed(slot: number, _nowNs: number, isTokenRenewed = false): void {
    if (!isTokenRenewed) {
      this.onCallEnd(slot, Status.UNAVAILABLE, "etcd did not take the stream");
      return;
    }
    const stream = this.#streams[slot]!;
    stream.again = stream.answered;
    this.#transport.call(slot, this.#template(this.#opening));
    const request = this.#template(this.#request);
    for (let n = 0; n < stream.asked; n++) this.#transport.send(slot, request);
    this.#transport.flush();
  }

  #fail(what: string, status: number, details: string): void {
    this.#awaited.fail(setUpFailure(what, { codeName: statusName(status), details }));
  }

  #template(message: Buffer): RequestTemplate {
    return this.#transport.template(WATCH_PATH, message, CallMode.STREAM);
  }
}

function readWatchAnswer(bytes: Uint8Array): WatchAnswer {
  // The bytes are only lent.
  const { responseDeserialize } = serviceDefinition("etcdserverpb.Watch").Watch!;
  return responseDeserialize(Buffer.from(bytes)) as WatchAnswer;
}

const WATCH_PATH = "/etcdserverpb.Watch/Watch";
