/** Sends calls over bench's own HTTP/2 framing, for the connections of one worker. */

import { nowNs } from "../clock.ts";
import { authorityOf } from "../net/host-port.ts";
import { HTTP2, SocketOpener } from "../net/socket-opener.ts";
import { CallTable, Phase } from "./call-table.ts";
import { Channel } from "./channel.ts";
import { RenewingCalls } from "./renewing-calls.ts";
import { requestHeadersFrame, WireTemplate } from "./request.ts";
import type { TokenHolder } from "./token-holder.ts";
import {
  type AnswerRead,
  CallMode,
  type Carried,
  type RequestTemplate,
  type SizedTemplate,
  type Transport,
  type TransportOptions,
} from "./transport.ts";

export class WireTransport implements Transport {
  readonly #calls: CallTable;
  readonly #channels: Channel[];
  readonly #slotChannels: Channel[];
  readonly #sockets: SocketOpener;
  readonly #token: TokenHolder | null;
  /** Null without a token. */
  readonly #renewing: RenewingCalls | null;
  readonly #paths: string[] = [];
  /** One list of HEADERS frames for each distinct endpoint. */
  readonly #headersFrames = new Map<string, Buffer[]>();
  #unflushed: Channel[] = [];
  #isFlushDue = false;
  readonly #flushDue = (): void => {
    this.#isFlushDue = false;
    this.flush();
  };

  constructor(options: TransportOptions) {
    const { connectionEndpoints, slotConnections, tls = null, token = null } = options;
    const slots = slotConnections.length;
    this.#calls = new CallTable(slots);
    this.#token = token;
    this.#renewing = RenewingCalls.of(token, options.listener, slots);
    const sockets = new SocketOpener(tls, HTTP2);
    this.#sockets = sockets;
    this.#channels = connectionEndpoints.map((endpoint) => {
      let headersFrames = this.#headersFrames.get(endpoint);
      if (headersFrames === undefined) {
        headersFrames = [];
        this.#headersFrames.set(endpoint, headersFrames);
      }
      return new Channel({
        endpoint,
        sockets,
        headersFrames,
        calls: this.#calls,
        listener: this.#renewing ?? options.listener,
        openTimeoutMs: options.openTimeoutMs,
        onTurnEnd: () => this.flush(),
        onRecord: (channel) => this.#flushAfterRecords(channel),
        random: Math.random,
      });
    });
    this.#slotChannels = slotConnections.map((connection) => this.#channels[connection]!);
    if (token !== null) token.onSettled = (failure) => this.#tokenSettled(failure);
  }

  open(): Promise<void> {
    return this.#sockets.openAll(this.#channels);
  }

  template(path: string, message: Uint8Array, mode?: CallMode): RequestTemplate {
    return this.sizedTemplate(path, message, mode);
  }

  sizedTemplate(path: string, message: Uint8Array, mode: CallMode = CallMode.UNARY): SizedTemplate {
    let pathIndex = this.#paths.indexOf(path);
    if (pathIndex < 0) {
      pathIndex = this.#paths.push(path) - 1;
      this.#encodeHeaders(pathIndex);
    }
    return new WireTemplate(path, pathIndex, message, mode);
  }

  call(slot: number, template: RequestTemplate): void {
    const channel = this.#slotChannels[slot]!;
    this.#renewing?.started(slot, (template as WireTemplate).mode);
    channel.call(slot, template as WireTemplate);
    this.#flushLater(channel);
  }

  send(slot: number, template: RequestTemplate): void {
    const channel = this.#slotChannels[slot]!;
    channel.send(slot, template as WireTemplate);
    this.#flushLater(channel);
  }

  cancel(slot: number): void {
    if (this.#renewing?.cancel(slot)) return;
    const channel = this.#slotChannels[slot]!;
    channel.cancel(slot);
    this.#flushLater(channel);
  }

  messageRefused(slot: number, reason: string): boolean {
    const now = nowNs();
    if (!this.#renewing?.canRenew(slot, reason, now)) return false;
    const channel = this.#slotChannels[slot]!;
    channel.cancel(slot);
    this.#flushLater(channel);
    this.#renewing.hold(slot, reason, now);
    return true;
  }

  isReady(slot: number): boolean {
    return this.#slotChannels[slot]!.isReady;
  }

  holdReason(slot: number): string | null {
    return this.#renewing?.holdReason(slot) ?? this.#slotChannels[slot]!.holdReason(slot);
  }

  readAnswer(slot: number, read: AnswerRead): number {
    return this.#slotChannels[slot]!.readAnswer(slot, read);
  }

  get hasToken(): boolean {
    return this.#token !== null;
  }

  get streamLimits(): readonly number[] {
    return this.#channels.map((channel) => channel.maxConcurrentStreams);
  }

  flush(): void {
    const channels = this.#unflushed;
    for (let index = 0; index < channels.length; index++) channels[index]!.flush();
    channels.length = 0;
  }

  #encodeHeaders(pathIndex: number): void {
    const scheme = this.#sockets.isSecure ? "https" : "http";
    const token = this.#token?.token ?? null;
    for (const [endpoint, frames] of this.#headersFrames) {
      frames[pathIndex] = requestHeadersFrame(this.#paths[pathIndex]!, {
        scheme,
        authority: authorityOf(endpoint),
        token,
      });
    }
  }

  #tokenSettled(failure: string | null): void {
    const renewing = this.#renewing!;
    if (failure === null) {
      for (let index = 0; index < this.#paths.length; index++) this.#encodeHeaders(index);
      for (const [slot, phase] of this.#calls.phase.entries()) {
        if (phase === Phase.WAITING) renewing.carriesNewToken(slot);
      }
    }
    renewing.settle(failure);
    this.flush();
  }

  #flushLater(channel: Channel): void {
    if (channel.isUnflushed) return;
    channel.isUnflushed = true;
    this.#unflushed.push(channel);
  }

  /**
   * TLS hands over record by record, where TCP hands over all that has come: the next requests wait
   * for the last record of the event loop's turn, so that they leave in one record too, not in one
   * for each. Most records make nothing due, for etcd sends each frame of an answer in its own.
   */
  #flushAfterRecords(channel: Channel): void {
    if (channel.hasOutput) this.#flushLater(channel);
    if (this.#unflushed.length === 0 || this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(this.#flushDue);
  }

  get readyConnections(): number {
    return this.#channels.reduce((count, channel) => count + (channel.isReady ? 1 : 0), 0);
  }

  get carried(): readonly Carried[] {
    return this.#channels.map((channel) => channel.carried);
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}
