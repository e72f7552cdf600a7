/**
 * The transport through etcd's grpc-gateway: JSON over HTTP/1.1 with keep-alive. A connection
 * carries one request at a time, without pipelining, so each slot has a connection of its own.
 */
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
import { nowNs } from "../clock.ts";
import { HTTP1, SocketOpener } from "../net/socket-opener.ts";
import { GatewayConnection } from "./gateway-connection.ts";
import { GatewayTemplate, requestHead } from "./gateway-template.ts";

const CARRIED: readonly CallMode[] = [CallMode.UNARY, CallMode.UNARY_ANSWER, CallMode.UNARY_PARTS];

export class GatewayTransport implements Transport {
  readonly #connections: GatewayConnection[];
  readonly #slotConnections: GatewayConnection[];
  readonly #listener: CallListener;
  readonly #sockets: SocketOpener;
  readonly #token: TokenHolder | null;
  /** Null without a token. */
  readonly #renewing: RenewingCalls | null;
  readonly #paths: string[] = [];
  /** One list of heads for each distinct endpoint. */
  readonly #heads = new Map<string, Buffer[]>();
  #unflushed: GatewayConnection[] = [];

  /** @throws Error where two slots share a connection */
  constructor(options: TransportOptions) {
    const { connectionEndpoints, slotConnections, tls = null, token = null } = options;
    if (new Set(slotConnections).size < slotConnections.length) {
      throw new Error("two slots of a gateway's connection could not be in use at once");
    }
    this.#token = token;
    this.#renewing = RenewingCalls.of(token, options.listener, slotConnections.length);
    this.#listener = this.#renewing ?? options.listener;
    const sockets = new SocketOpener(tls, HTTP1);
    this.#sockets = sockets;
    this.#connections = connectionEndpoints.map((endpoint) => {
      const heads = this.#heads.get(endpoint) ?? [];
      this.#heads.set(endpoint, heads);
      return new GatewayConnection({
        endpoint,
        sockets,
        heads,
        listener: this.#listener,
        openTimeoutMs: options.openTimeoutMs,
        onTurnEnd: () => this.flush(),
        random: Math.random,
      });
    });
    this.#slotConnections = slotConnections.map((connection) => this.#connections[connection]!);
    if (token !== null) token.onSettled = (failure) => this.#tokenSettled(failure);
  }

  open(): Promise<void> {
    return this.#sockets.openAll(this.#connections);
  }

  template(path: string, message: Uint8Array, mode?: CallMode): RequestTemplate {
    return this.sizedTemplate(path, message, mode);
  }

  sizedTemplate(path: string, message: Uint8Array, mode: CallMode = CallMode.UNARY): SizedTemplate {
    if (!CARRIED.includes(mode)) throw new Error("the gateway's transport carries no streams");
    let headIndex = this.#paths.indexOf(path);
    if (headIndex < 0) {
      headIndex = this.#paths.push(path) - 1;
      this.#writeHeads(headIndex);
    }
    return new GatewayTemplate(path, headIndex, message, mode);
  }

  call(slot: number, template: RequestTemplate): void {
    const connection = this.#slotConnections[slot]!;
    this.#renewing?.started(slot, (template as GatewayTemplate).mode);
    connection.call(slot, template as GatewayTemplate);
    if (connection.isUnflushed) return;
    connection.isUnflushed = true;
    this.#unflushed.push(connection);
  }

  send(): void {
    throw new Error("the gateway's transport carries no streams");
  }

  cancel(slot: number): void {
    if (this.#renewing?.cancel(slot)) return;
    this.#slotConnections[slot]!.cancel();
  }

  holdReason(slot: number): string | null {
    return this.#renewing?.holdReason(slot) ?? this.#slotConnections[slot]!.holdReason;
  }

  /** Each request is a write of its own: those after the first tell when they leave. */
  flush(): void {
    const connections = this.#unflushed;
    let hasWritten = false;
    for (let index = 0; index < connections.length; index++) {
      const connection = connections[index]!;
      if (connection.hasOutput && hasWritten) {
        this.#listener.onCallSent?.(connection.slot, nowNs(), false);
      }
      hasWritten ||= connection.hasOutput;
      connection.flush();
    }
    connections.length = 0;
  }

  #writeHeads(headIndex: number): void {
    const token = this.#token?.token ?? null;
    for (const [endpoint, heads] of this.#heads) {
      heads[headIndex] = requestHead(this.#paths[headIndex]!, endpoint, token);
    }
  }

  #tokenSettled(failure: string | null): void {
    if (failure === null) {
      for (let index = 0; index < this.#paths.length; index++) this.#writeHeads(index);
    }
    this.#renewing!.settle(failure);
    this.flush();
  }

  get hasToken(): boolean {
    return this.#token !== null;
  }

  get readyConnections(): number {
    return this.#connections.reduce((count, { isReady }) => count + (isReady ? 1 : 0), 0);
  }

  get carried(): readonly Carried[] {
    return this.#connections.map(({ carried }) => carried);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
