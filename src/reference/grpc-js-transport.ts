/**
 * Sends the same calls through @grpc/grpc-js, one client a connection: the reference that the wire
 * transport is checked against. The times of a unary call are those at which it leaves and at which its
 * answer has come: the promises and ticks that grpc-js spends before and after are its cost, not the
 * server's time.
 */
import {
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import {
  type CallListener,
  CallMode,
  type Carried,
  RenewingCalls,
  type RequestTemplate,
  type SizedTemplate,
  type TokenHolder,
  type Transport,
  type TransportOptions,
} from "#wire";
import { grpcJsCredentials } from "../access/grpc-js-credentials.ts";
import { grpcJsTarget } from "../access/grpc-js-target.ts";
import { nowNs } from "../clock.ts";
import { secureContextOf } from "../net/tls-connect.ts";
import { LeavingMetadata } from "./leaving-metadata.ts";
import { readStreamLimits } from "./stream-limits.ts";

class Template implements SizedTemplate {
  readonly path: string;
  readonly bytes: Buffer;
  readonly messageOffset = 0;
  readonly mode: CallMode;
  messageBytes: number;

  constructor(path: string, message: Uint8Array, mode: CallMode) {
    this.path = path;
    this.bytes = Buffer.from(message);
    this.mode = mode;
    this.messageBytes = message.length;
  }

  resize(messageBytes: number): void {
    this.messageBytes = messageBytes;
  }

  /** A copy: the template is patched again before grpc-js serialises on a later tick. */
  copyMessage(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.messageBytes));
  }
}

type Stream = ClientDuplexStream<Buffer, Buffer>;

const DEFAULT_OPEN_TIMEOUT_MS = 5_000;
const READY = 2;
/** As the seam has it, a call waits while its connection is down; else a closed loop would spin. */
const WAIT_FOR_READY = { waitForReady: true };

export class GrpcJsTransport implements Transport {
  readonly #clients: Client[];
  readonly #slotClients: Client[];
  readonly #calls: (ClientUnaryCall | Stream | null)[];
  readonly #listener: CallListener;
  readonly #token: TokenHolder | null;
  /** Null without a token. */
  readonly #renewing: RenewingCalls | null;
  /** By slot, each telling when its calls leave. */
  #streamMetadata: LeavingMetadata[] = [];
  #unaryMetadata: LeavingMetadata[] = [];
  /** Whether the slot's call went to a connection that could send it at once. */
  readonly #isSendable: Uint8Array;
  readonly #hasLeft: Uint8Array;
  /** By slot, the messages that have left, and those of its stream that will leave with the call. */
  readonly #sent: Float64Array;
  readonly #unsent: Float64Array;
  /** When the slot's answer came, and what keeps that. */
  readonly #answeredNs: Float64Array;
  readonly #deserializers: ((bytes: Buffer) => Buffer)[];
  /** Whose message is with the listener, and when that came; null: there is none. */
  #handing: { slot: number; atNs: number } | null = null;
  /** Streams that were written to while a message of theirs was handed on, and when that message came. */
  readonly #answeredBy = new Map<number, number>();
  readonly #options: TransportOptions;
  readonly #openTimeoutMs: number;
  #streamLimits: readonly number[] = [];

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#openTimeoutMs = options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS;
    const { tls = null, token = null } = options;
    this.#token = token;
    this.#renewing = RenewingCalls.of(token, options.listener, options.slotConnections.length);
    this.#listener = this.#renewing ?? options.listener;
    if (token !== null) {
      token.onSettled = (failure) => this.#tokenSettled(failure);
    }
    const secureContext = tls === null ? null : secureContextOf(tls);
    this.#clients = options.connectionEndpoints.map(
      (endpoint) =>
        new Client(grpcJsTarget(endpoint), grpcJsCredentials(tls, endpoint, secureContext), {
          // Without these, clients of one endpoint would share one connection, and failed calls
          // would be sent again unseen.
          "grpc.use_local_subchannel_pool": 1,
          "grpc.enable_retries": 0,
          "grpc.enable_http_proxy": 0,
          "grpc.max_receive_message_length": -1,
          "grpc.max_send_message_length": -1,
          "grpc.initial_reconnect_backoff_ms": 100,
          "grpc.max_reconnect_backoff_ms": 2_000,
        }),
    );
    this.#slotClients = options.slotConnections.map((connection) => this.#clients[connection]!);
    this.#calls = options.slotConnections.map(() => null);
    this.#isSendable = new Uint8Array(this.#calls.length);
    this.#hasLeft = new Uint8Array(this.#calls.length);
    this.#sent = new Float64Array(this.#calls.length);
    this.#unsent = new Float64Array(this.#calls.length);
    this.#answeredNs = new Float64Array(this.#calls.length);
    this.#deserializers = this.#calls.map((_, slot) => (bytes) => {
      this.#answeredNs[slot] = nowNs();
      return bytes;
    });
    this.#useToken();
  }

  async open(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    // grpc-js takes its deadlines from the wall clock, which may be set while it waits.
    const timeout = new Promise<never>((_, reject) => {
      const tooLate = () => reject(new Error("Failed to connect before the deadline"));
      timer = setTimeout(tooLate, this.#openTimeoutMs);
    });
    const ready = this.#clients.map(
      (client) =>
        new Promise<void>((resolve, reject) => {
          client.waitForReady(Number.POSITIVE_INFINITY, (error) =>
            error ? reject(error) : resolve(),
          );
        }),
    );
    try {
      const [limits] = await Promise.race([
        Promise.all([readStreamLimits(this.#options), ...ready]),
        timeout,
      ]);
      this.#streamLimits = limits;
    } finally {
      clearTimeout(timer);
    }
  }

  get streamLimits(): readonly number[] {
    return this.#streamLimits;
  }

  template(path: string, message: Uint8Array, mode?: CallMode): RequestTemplate {
    return this.sizedTemplate(path, message, mode);
  }

  sizedTemplate(path: string, message: Uint8Array, mode: CallMode = CallMode.UNARY): SizedTemplate {
    return new Template(path, message, mode);
  }

  call(slot: number, template: RequestTemplate): void {
    const { mode } = template as Template;
    const message = (template as Template).copyMessage();
    this.#renewing?.started(slot, mode);
    const isOneWay = mode === CallMode.ANSWERS || mode === CallMode.SERVER_STREAM;
    if (isOneWay || mode === CallMode.STREAM) {
      this.#openStream(slot, template.path, message, mode);
      return;
    }
    const client = this.#slotClients[slot]!;
    this.#isSendable[slot] = isReady(client) ? 1 : 0;
    this.#hasLeft[slot] = 0;
    const call = client.makeUnaryRequest(
      template.path,
      identity,
      this.#deserializers[slot]!,
      message,
      this.#unaryMetadata[slot]!,
      (error, answer) => {
        // A cancelled call has been reported already, and its slot may serve another.
        if (this.#calls[slot] !== call) return;
        this.#calls[slot] = null;
        const endNs = error === null ? this.#answeredNs[slot]! : nowNs();
        if (mode !== CallMode.UNARY && error === null) this.#hand(slot, answer!, endNs);
        this.#end(slot, error, endNs);
      },
    );
    this.#calls[slot] = call;
  }

  send(slot: number, template: RequestTemplate): void {
    const call = this.#calls[slot];
    if (call !== null && call !== undefined && "write" in call) {
      call.write((template as Template).copyMessage());
      const counts = this.#hasLeft[slot] === 1 ? this.#sent : this.#unsent;
      counts[slot]! += 1;
      if (this.#handing?.slot === slot) this.#noteAnsweredBy(slot, this.#handing.atNs);
    }
  }

  cancel(slot: number): void {
    if (this.#renewing?.cancel(slot)) return;
    const call = this.#calls[slot];
    this.#calls[slot] = null;
    call?.cancel();
  }

  messageRefused(slot: number, reason: string): boolean {
    const now = nowNs();
    if (!this.#renewing?.canRenew(slot, reason, now)) return false;
    this.cancel(slot);
    this.#renewing.hold(slot, reason, now);
    return true;
  }

  /** A call with one message out is a stream both ways whose one side ends at once. */
  #openStream(slot: number, path: string, message: Buffer, mode: CallMode): void {
    this.#hasLeft[slot] = 0;
    this.#unsent[slot] = 1;
    const stream: Stream = this.#slotClients[slot]!.makeBidiStreamRequest(
      path,
      identity,
      identity,
      this.#streamMetadata[slot]!,
    );
    this.#calls[slot] = stream;
    const ended = (error: ServiceError | null) => {
      if (this.#calls[slot] !== stream) return;
      this.#calls[slot] = null;
      this.#end(slot, error, nowNs());
    };
    stream.on("data", (answer: Buffer) => {
      if (this.#calls[slot] !== stream) return;
      this.#hand(slot, answer, this.#answeredBy.get(slot) ?? nowNs());
    });
    stream.on("end", () => ended(null));
    stream.on("error", (error) => ended(error as ServiceError));
    if (mode === CallMode.STREAM) stream.write(message);
    else stream.end(message);
  }

  #tokenSettled(failure: string | null): void {
    if (failure === null) this.#useToken();
    this.#renewing!.settle(failure);
  }

  #useToken(): void {
    const token = this.#token?.token ?? null;
    const telling = (onLeave: (slot: number) => void) =>
      this.#calls.map((_, slot) =>
        withToken(new LeavingMetadata(WAIT_FOR_READY, () => onLeave(slot)), token),
      );
    this.#streamMetadata = telling((slot) => this.#streamLeft(slot));
    this.#unaryMetadata = telling((slot) => this.#left(slot));
  }

  #left(slot: number): void {
    if (this.#calls[slot] === null || this.#hasLeft[slot] === 1) return;
    this.#hasLeft[slot] = 1;
    this.#sent[slot]! += 1;
    this.#listener.onCallSent?.(slot, nowNs(), this.#isSendable[slot] === 0);
  }

  #streamLeft(slot: number): void {
    if (this.#calls[slot] === null || this.#hasLeft[slot] === 1) return;
    this.#hasLeft[slot] = 1;
    this.#sent[slot]! += this.#unsent[slot]!;
  }

  /**
   * grpc-js hands on the messages of one read one after another, each in a tick of its own. What comes
   * before the event loop has read again was there before the message that was written meanwhile.
   */
  #noteAnsweredBy(slot: number, atNs: number): void {
    if (this.#answeredBy.size === 0) setImmediate(() => this.#answeredBy.clear());
    this.#answeredBy.set(slot, atNs);
  }

  #hand(slot: number, answer: Buffer, atNs: number): void {
    this.#handing = { slot, atNs };
    this.#listener.onMessage(slot, answer, 0, answer.length, atNs);
    this.#handing = null;
  }

  #end(slot: number, error: ServiceError | null, atNs: number): void {
    const code = error === null ? status.OK : error.code;
    this.#listener.onCallEnd(slot, code, error === null ? "" : error.details, atNs);
  }

  flush(): void {
    // grpc-js writes by itself.
  }

  get hasToken(): boolean {
    return this.#token !== null;
  }

  get readyConnections(): number {
    return this.#clients.filter(isReady).length;
  }

  get carried(): readonly Carried[] {
    const carried = this.#clients.map((): Carried => ({ sent: 0, open: 0 }));
    for (const [slot, connection] of this.#options.slotConnections.entries()) {
      carried[connection]!.sent += this.#sent[slot]!;
      if (this.#calls[slot] !== null) carried[connection]!.open += 1;
    }
    return carried;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function isReady(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === READY;
}

function withToken<Kind extends Metadata>(metadata: Kind, token: string | null): Kind {
  if (token !== null) metadata.set("token", token);
  return metadata;
}
