/**
 * Owns the reference transport: the same calls through @grpc/grpc-js, one client a connection, so
 * that what the wire transport measures can be checked against an implementation that is not ours.
 */
import {
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { grpcJsCredentials } from "../access/grpc-js-credentials.ts";
import { secureContextOf } from "../access/tls-connect.ts";
import { nowNs } from "../load/clock.ts";
import {
  type CallListener,
  CallMode,
  type RequestTemplate,
  type SizedTemplate,
  type Transport,
  type TransportOptions,
} from "../load/transport.ts";
import { RenewingCalls } from "../load/wire/renewing-calls.ts";
import type { TokenHolder } from "../load/wire/token-holder.ts";

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
const WAIT_FOR_READY = new Metadata({ waitForReady: true });

export class GrpcJsTransport implements Transport {
  readonly #clients: Client[];
  readonly #slotClients: Client[];
  readonly #calls: (ClientUnaryCall | Stream | null)[];
  readonly #listener: CallListener;
  readonly #token: TokenHolder | null;
  /** Null without a token. */
  readonly #renewing: RenewingCalls | null;
  #metadata = WAIT_FOR_READY;
  readonly #openTimeoutMs: number;

  constructor(options: TransportOptions) {
    this.#openTimeoutMs = options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS;
    const { tls = null, token = null } = options;
    this.#token = token;
    this.#renewing =
      token === null
        ? null
        : new RenewingCalls(token, options.listener, options.slotConnections.length);
    this.#listener = this.#renewing ?? options.listener;
    if (token !== null) {
      token.onSettled = (failure) => this.#tokenSettled(failure);
      this.#metadata = metadataWith(token.token);
    }
    const secureContext = tls === null ? null : secureContextOf(tls);
    this.#clients = options.connectionEndpoints.map(
      (endpoint) =>
        new Client(endpoint, grpcJsCredentials(tls, endpoint, secureContext), {
          // Without these, clients of one endpoint would share one connection, and failed calls
          // would be sent again unseen.
          "grpc.use_local_subchannel_pool": 1,
          "grpc.enable_retries": 0,
          "grpc.max_receive_message_length": -1,
          "grpc.max_send_message_length": -1,
          "grpc.initial_reconnect_backoff_ms": 100,
          "grpc.max_reconnect_backoff_ms": 2_000,
        }),
    );
    this.#slotClients = options.slotConnections.map((connection) => this.#clients[connection]!);
    this.#calls = options.slotConnections.map(() => null);
  }

  async open(): Promise<void> {
    const deadline = Date.now() + this.#openTimeoutMs;
    await Promise.all(
      this.#clients.map(
        (client) =>
          new Promise<void>((resolve, reject) => {
            client.waitForReady(deadline, (error) => (error ? reject(error) : resolve()));
          }),
      ),
    );
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
    this.#renewing?.started(slot);
    const isOneWay = mode === CallMode.ANSWERS || mode === CallMode.SERVER_STREAM;
    if (isOneWay || mode === CallMode.STREAM) {
      this.#openStream(slot, template.path, message, mode);
      return;
    }
    const call = this.#slotClients[slot]!.makeUnaryRequest(
      template.path,
      identity,
      identity,
      message,
      this.#metadata,
      (error, answer) => {
        // A cancelled call has been reported already, and its slot may serve another.
        if (this.#calls[slot] !== call) return;
        this.#calls[slot] = null;
        if (mode !== CallMode.UNARY && error === null) this.#hand(slot, answer!);
        this.#end(slot, error);
      },
    );
    this.#calls[slot] = call;
  }

  send(slot: number, template: RequestTemplate): void {
    const call = this.#calls[slot];
    if (call !== null && call !== undefined && "write" in call) {
      call.write((template as Template).copyMessage());
    }
  }

  cancel(slot: number): void {
    if (this.#renewing?.cancel(slot)) return;
    const call = this.#calls[slot];
    this.#calls[slot] = null;
    call?.cancel();
  }

  /** A call with one message out is a stream both ways whose one side ends at once. */
  #openStream(slot: number, path: string, message: Buffer, mode: CallMode): void {
    const stream: Stream = this.#slotClients[slot]!.makeBidiStreamRequest(
      path,
      identity,
      identity,
      this.#metadata,
    );
    this.#calls[slot] = stream;
    const ended = (error: ServiceError | null) => {
      if (this.#calls[slot] !== stream) return;
      this.#calls[slot] = null;
      this.#end(slot, error);
    };
    stream.on("data", (answer: Buffer) => {
      if (this.#calls[slot] === stream) this.#hand(slot, answer);
    });
    stream.on("end", () => ended(null));
    stream.on("error", (error) => ended(error as ServiceError));
    if (mode === CallMode.STREAM) stream.write(message);
    else stream.end(message);
  }

  #tokenSettled(failure: string | null): void {
    if (failure === null) this.#metadata = metadataWith(this.#token!.token);
    this.#renewing!.settle(failure);
  }

  #hand(slot: number, answer: Buffer): void {
    this.#listener.onMessage(slot, answer, 0, answer.length, nowNs());
  }

  #end(slot: number, error: ServiceError | null): void {
    const code = error === null ? status.OK : error.code;
    this.#listener.onCallEnd(slot, code, error === null ? "" : error.details, nowNs());
  }

  flush(): void {
    // grpc-js writes by itself.
  }

  get readyConnections(): number {
    return this.#clients.filter(
      (client) => client.getChannel().getConnectivityState(false) === READY,
    ).length;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function metadataWith(token: string): Metadata {
  const metadata = WAIT_FOR_READY.clone();
  metadata.set("token", token);
  return metadata;
}
