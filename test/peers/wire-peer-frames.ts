/**
 * Splits bytes into HTTP/2 frames and encodes frames for the scripted peer (RFC 9113 sections 4 and
 * 6). It shares no code with src/load, which it checks, and keeps no stream state.
 */

export const CLIENT_MAGIC = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The index is the type octet. */
export const FRAME_KINDS = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
] as const;

export type FrameKind = (typeof FRAME_KINDS)[number];

export const FLAG = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

export const SETTING_ID = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export type Settings = Partial<Record<keyof typeof SETTING_ID, number>>;

export interface Frame {
  readonly kind: FrameKind | "UNKNOWN";
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function serializeFrame(
  kind: FrameKind | number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(typeof kind === "number" ? kind : FRAME_KINDS.indexOf(kind), 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Splits complete frames from the start of `bytes`; the rest is an incomplete frame. */
export function cutFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  while (rest.length >= 9) {
    const end = 9 + rest.readUIntBE(0, 3);
    if (rest.length < end) break;
    const type = rest.readUInt8(3);
    frames.push({
      kind: FRAME_KINDS[type] ?? "UNKNOWN",
      type,
      flags: rest.readUInt8(4),
      streamId: rest.readUInt32BE(5) & 0x7fffffff,
      payload: rest.subarray(9, end),
    });
    rest = rest.subarray(end);
  }
  return { frames, rest };
}

/** The payload of DATA or HEADERS without padding and priority fields (6.1, 6.2). */
export function contentOf(frame: Frame): Buffer {
  let { payload } = frame;
  if (frame.flags & FLAG.padded) {
    const padding = payload.readUInt8(0);
    if (padding >= payload.length) throw new Error(`${describeFrame(frame)} is all padding`);
    payload = payload.subarray(1, payload.length - padding);
  }
  if (frame.kind === "HEADERS" && frame.flags & FLAG.priority) payload = payload.subarray(5);
  return payload;
}

export function parseSettings(payload: Buffer): Settings {
  const settings: Settings = {};
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    const id = payload.readUInt16BE(at);
    for (const [name, known] of Object.entries(SETTING_ID)) {
      if (known === id) settings[name as keyof Settings] = payload.readUInt32BE(at + 2);
    }
  }
  return settings;
}

export function serializeSettings(settings: Settings): Buffer {
  const entries = Object.entries(settings);
  const payload = Buffer.alloc(entries.length * 6);
  entries.forEach(([name, value], index) => {
    payload.writeUInt16BE(SETTING_ID[name as keyof Settings], index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return payload;
}

/** Describes a frame in one line, for the message of a failed expectation. */
export function describeFrame(frame: Frame): string {
  const { kind, type, flags, streamId, payload } = frame;
  const name = kind === "UNKNOWN" ? `frame of type ${type}` : kind;
  const where = `${name} on stream ${streamId}, flags 0x${flags.toString(16)}`;
  if (kind === "GOAWAY" && payload.length >= 8) {
    const debug = payload.toString("latin1", 8);
    return `${where}, last stream ${payload.readUInt32BE(0)}, error ${payload.readUInt32BE(4)} "${debug}"`;
  }
  if (kind === "RST_STREAM" && payload.length === 4) {
    return `${where}, error ${payload.readUInt32BE(0)}`;
  }
  if (kind === "SETTINGS") return `${where}, ${JSON.stringify(parseSettings(payload))}`;
  const start = payload.subarray(0, 16).toString("hex");
  return `${where}, ${payload.length} bytes ${start}${payload.length > 16 ? "..." : ""}`;
}
