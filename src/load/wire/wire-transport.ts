/** Owns the wire transport: our own HTTP/2 framing over node:net, for the connections of one worker. */
import { splitEndpoint } from "../../plan/endpoints.ts";
import {
  CallMode,
  type RequestTemplate,
  type Transport,
  type TransportOptions,
} from "../transport.ts";
import { CallTable } from "./call-table.ts";
import { Channel } from "./channel.ts";
import { requestHeadersFrame, WireTemplate } from "./request.ts";

const READ_BUFFER_BYTES = 65_536;

export class WireTransport implements Transport {
  readonly #channels: Channel[];
  readonly #slotChannels: Channel[];
  readonly #paths: string[] = [];
  /** One list of HEADERS frames for each distinct authority. */
  readonly #headersFrames = new Map<string, Buffer[]>();
  #unflushed: Channel[] = [];

  constructor(options: TransportOptions) {
    const { connectionEndpoints, slotConnections, listener, openTimeoutMs } = options;
    const calls = new CallTable(slotConnections.length);
    const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    this.#channels = connectionEndpoints.map((endpoint) => {
      let headersFrames = this.#headersFrames.get(endpoint);
      if (headersFrames === undefined) {
        headersFrames = [];
        this.#headersFrames.set(endpoint, headersFrames);
      }
      return new Channel({
        ...splitEndpoint(endpoint),
        headersFrames,
        calls,
        listener,
        openTimeoutMs,
        readBuffer,
        onTurnEnd: () => this.flush(),
        random: Math.random,
      });
    });
    this.#slotChannels = slotConnections.map((connection) => this.#channels[connection]!);
  }

  async open(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.open()));
  }

  template(path: string, message: Uint8Array, mode: CallMode = CallMode.UNARY): RequestTemplate {
    let pathIndex = this.#paths.indexOf(path);
    if (pathIndex < 0) {
      pathIndex = this.#paths.push(path) - 1;
      for (const [endpoint, frames] of this.#headersFrames) {
        frames.push(requestHeadersFrame(path, endpoint));
      }
    }
    return new WireTemplate(path, pathIndex, message, mode);
  }

  call(slot: number, template: RequestTemplate): void {
    const channel = this.#slotChannels[slot]!;
    channel.call(slot, template as WireTemplate);
    this.#flushLater(channel);
  }

  send(slot: number, template: RequestTemplate): void {
    const channel = this.#slotChannels[slot]!;
    channel.send(slot, template as WireTemplate);
    this.#flushLater(channel);
  }

  cancel(slot: number): void {
    const channel = this.#slotChannels[slot]!;
    channel.cancel(slot);
    this.#flushLater(channel);
  }

  flush(): void {
    const channels = this.#unflushed;
    for (let index = 0; index < channels.length; index++) channels[index]!.flush();
    channels.length = 0;
  }

  #flushLater(channel: Channel): void {
    if (channel.isUnflushed) return;
    channel.isUnflushed = true;
    this.#unflushed.push(channel);
  }

  get readyConnections(): number {
    return this.#channels.reduce((count, channel) => count + (channel.isReady ? 1 : 0), 0);
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}
