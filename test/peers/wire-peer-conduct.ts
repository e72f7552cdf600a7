/**
 * Checks the rules that every HTTP/2 client must follow: frame sizes, stream order, both flow-control
 * windows and the limit of streams (RFC 9113, 4 to 6). The scripted peer passes it the frames of both
 * sides; after the first violation, the next expectation fails.
 */
import { FLAG, type Frame, parseSettings, type Settings } from "./wire-peer-frames.ts";

const MAX_WINDOW = 2 ** 31 - 1;

interface Stream {
  /** Remaining windows of both directions. */
  clientMaySend: number;
  peerMaySend: number;
  /** The client sent END_STREAM or RST_STREAM. */
  clientEnded: boolean;
  peerEnded: boolean;
  isOpen: boolean;
}

export class ClientConduct {
  /** The first rule violation of the client. */
  violation: string | undefined;

  readonly #streams = new Map<number, Stream>();
  #lastStreamId = 0;
  #openStreams = 0;
  #clientMaySend = 65_535;
  #peerMaySend = 65_535;
  #clientSettings: Settings = {};
  /** Settings that the client acknowledged, and sent ones without an ACK, oldest first. */
  #peerSettings: Settings = {};
  readonly #peerSettingsSent: Settings[] = [];
  #pingsSent = 0;
  #blockStreamId = 0;

  get openStreams(): number {
    return this.#openStreams;
  }

  /** Octets of DATA that the client's windows allow the peer to send; stream 0: the connection. */
  peerMaySend(streamId: number): number {
    if (streamId === 0) return this.#peerMaySend;
    return this.#streams.get(streamId)?.peerMaySend ?? 0;
  }

  sent(frame: Frame): void {
    const { kind, flags, streamId, payload } = frame;
    const stream = this.#streams.get(streamId);
    if (kind === "SETTINGS" && !(flags & FLAG.ack)) {
      this.#peerSettingsSent.push(parseSettings(payload));
    }
    if (kind === "PING" && !(flags & FLAG.ack)) this.#pingsSent++;
    if (kind === "WINDOW_UPDATE" && payload.length === 4) {
      const increment = payload.readUInt32BE(0);
      if (streamId === 0) this.#clientMaySend += increment;
      else if (stream !== undefined) stream.clientMaySend += increment;
    }
    if (kind === "DATA") {
      this.#peerMaySend -= payload.length;
      if (stream !== undefined) stream.peerMaySend -= payload.length;
    }
    if (stream === undefined) return;
    // Frames that the client sent before it got our reset are no violation.
    if (kind === "RST_STREAM") this.#close(stream);
    if ((kind === "DATA" || kind === "HEADERS") && flags & FLAG.endStream) {
      stream.peerEnded = true;
      if (stream.clientEnded) this.#close(stream);
    }
  }

  received(frame: Frame): void {
    this.violation ??= this.#check(frame);
  }

  #check(frame: Frame): string | undefined {
    const { kind, flags, streamId, payload } = frame;
    const maxFrameSize = Math.max(16_384, ...this.#offered("maxFrameSize"));
    if (payload.length > maxFrameSize) {
      return `${kind} of ${payload.length} bytes, above MAX_FRAME_SIZE ${maxFrameSize} (4.2)`;
    }
    if (
      this.#blockStreamId !== 0 &&
      (kind !== "CONTINUATION" || streamId !== this.#blockStreamId)
    ) {
      return `${kind} inside the header block of stream ${this.#blockStreamId} (6.2)`;
    }
    switch (kind) {
      case "HEADERS":
      case "CONTINUATION":
        return this.#checkHeaders(frame);
      case "DATA":
        return this.#checkData(frame);
      case "RST_STREAM": {
        const stream = this.#streams.get(streamId);
        if (payload.length !== 4) return "RST_STREAM is not of 4 bytes (6.4)";
        if (stream === undefined) return `RST_STREAM on idle stream ${streamId} (6.4)`;
        stream.clientEnded = true;
        this.#close(stream);
        return undefined;
      }
      case "SETTINGS":
        return this.#checkSettings(frame);
      case "PUSH_PROMISE":
        return "PUSH_PROMISE from a client (8.4)";
      case "PING":
        if (payload.length !== 8) return "PING is not of 8 bytes (6.7)";
        if (streamId !== 0) return `PING on stream ${streamId} (6.7)`;
        if (flags & FLAG.ack && --this.#pingsSent < 0) return "PING ACK without a PING (6.7)";
        return undefined;
      case "GOAWAY":
        return streamId === 0 ? undefined : `GOAWAY on stream ${streamId} (6.8)`;
      case "WINDOW_UPDATE":
        return this.#checkWindowUpdate(frame);
      default:
        return undefined;
    }
  }

  #checkHeaders({ kind, flags, streamId }: Frame): string | undefined {
    if (kind === "CONTINUATION" && this.#blockStreamId === 0) {
      return "CONTINUATION without HEADERS (6.10)";
    }
    this.#blockStreamId = flags & FLAG.endHeaders ? 0 : streamId;
    if (kind === "CONTINUATION") return undefined;
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (streamId % 2 === 0) return `HEADERS on stream ${streamId}, not odd (5.1.1)`;
      if (streamId < this.#lastStreamId) {
        return `HEADERS opens stream ${streamId} after ${this.#lastStreamId} (5.1.1)`;
      }
      const limit = Math.max(...this.#offered("maxConcurrentStreams", Number.POSITIVE_INFINITY));
      if (this.#openStreams >= limit) {
        return `HEADERS opens stream ${streamId} above MAX_CONCURRENT_STREAMS ${limit} (5.1.2)`;
      }
      this.#lastStreamId = streamId;
      this.#openStreams++;
      stream = {
        clientMaySend: this.#peerSettings.initialWindowSize ?? 65_535,
        peerMaySend: this.#clientSettings.initialWindowSize ?? 65_535,
        clientEnded: false,
        peerEnded: false,
        isOpen: true,
      };
      this.#streams.set(streamId, stream);
    } else if (stream.clientEnded) {
      return `HEADERS on stream ${streamId} that the client ended (5.1)`;
    }
    if (flags & FLAG.endStream) this.#clientEnds(stream);
    return undefined;
  }

  #checkData({ flags, streamId, payload }: Frame): string | undefined {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return `DATA on idle stream ${streamId} (5.1)`;
    if (stream.clientEnded) {
      return `DATA on stream ${streamId} that the client ended (5.1)`;
    }
    this.#clientMaySend -= payload.length;
    stream.clientMaySend -= payload.length;
    if (this.#clientMaySend < 0) {
      return `DATA overruns the connection's window by ${-this.#clientMaySend} bytes (6.9)`;
    }
    const onItsWay =
      Math.max(...this.#offered("initialWindowSize", 65_535)) -
      (this.#peerSettings.initialWindowSize ?? 65_535);
    if (payload.length > 0 && stream.clientMaySend + onItsWay < 0) {
      return `DATA overruns the window of stream ${streamId} by ${-stream.clientMaySend} bytes (6.9)`;
    }
    if (flags & FLAG.endStream) this.#clientEnds(stream);
    return undefined;
  }

  #checkSettings({ flags, streamId, payload }: Frame): string | undefined {
    if (streamId !== 0) return `SETTINGS on stream ${streamId} (6.5)`;
    if (flags & FLAG.ack) {
      if (payload.length > 0) return "SETTINGS ACK with a payload (6.5)";
      const acked = this.#peerSettingsSent.shift();
      if (acked === undefined) return "SETTINGS ACK without SETTINGS (6.5.3)";
      const before = this.#peerSettings.initialWindowSize ?? 65_535;
      this.#peerSettings = { ...this.#peerSettings, ...acked };
      const delta = (this.#peerSettings.initialWindowSize ?? 65_535) - before;
      for (const stream of this.#streams.values()) stream.clientMaySend += delta;
      return undefined;
    }
    if (payload.length % 6 !== 0) return `SETTINGS of ${payload.length} bytes (6.5)`;
    const before = this.#clientSettings.initialWindowSize ?? 65_535;
    this.#clientSettings = { ...this.#clientSettings, ...parseSettings(payload) };
    const { enablePush = 0, initialWindowSize = 65_535 } = this.#clientSettings;
    const { maxFrameSize = 16_384 } = this.#clientSettings;
    if (enablePush > 1) return `SETTINGS_ENABLE_PUSH of ${enablePush} (6.5.2)`;
    if (initialWindowSize > MAX_WINDOW) return `SETTINGS_INITIAL_WINDOW_SIZE too large (6.5.2)`;
    if (maxFrameSize < 16_384 || maxFrameSize > 2 ** 24 - 1) {
      return `SETTINGS_MAX_FRAME_SIZE of ${maxFrameSize} (6.5.2)`;
    }
    for (const stream of this.#streams.values()) stream.peerMaySend += initialWindowSize - before;
    return undefined;
  }

  #checkWindowUpdate({ streamId, payload }: Frame): string | undefined {
    if (payload.length !== 4) return "WINDOW_UPDATE is not of 4 bytes (6.9)";
    const increment = payload.readUInt32BE(0) & MAX_WINDOW;
    if (increment === 0) return `WINDOW_UPDATE of 0 on stream ${streamId} (6.9)`;
    const stream = this.#streams.get(streamId);
    if (streamId !== 0 && stream === undefined) {
      return `WINDOW_UPDATE on idle stream ${streamId} (5.1)`;
    }
    const window = (stream?.peerMaySend ?? this.#peerMaySend) + increment;
    if (stream === undefined) this.#peerMaySend = window;
    else stream.peerMaySend = window;
    return window > MAX_WINDOW ? `window of stream ${streamId} is ${window} (6.9.1)` : undefined;
  }

  /** Valid values of a setting for the client: the acknowledged one and those in flight. */
  #offered(name: keyof Settings, initial = 0): number[] {
    const values = [this.#peerSettings[name] ?? initial];
    for (const settings of this.#peerSettingsSent) values.push(settings[name] ?? values.at(-1)!);
    return values;
  }

  #clientEnds(stream: Stream): void {
    stream.clientEnded = true;
    if (stream.peerEnded) this.#close(stream);
  }

  #close(stream: Stream): void {
    if (stream.isOpen) this.#openStreams--;
    stream.isOpen = false;
  }
}
