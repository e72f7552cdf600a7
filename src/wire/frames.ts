/** Defines the numbers of HTTP/2's frame layer (RFC 9113) and the bytes of the small control frames. */

export const FRAME_HEADER_BYTES = 9;
/** RFC 9113 section 6.5.2: the default, and the least that a peer may ask for. */
export const DEFAULT_MAX_FRAME_SIZE = 16_384;
export const LARGEST_MAX_FRAME_SIZE = 16_777_215;
export const DEFAULT_INITIAL_WINDOW_SIZE = 65_535;
export const DEFAULT_HEADER_TABLE_SIZE = 4_096;
export const LARGEST_WINDOW_SIZE = 2_147_483_647;
export const LARGEST_STREAM_ID = 2_147_483_647;

/** RFC 9113 section 6. */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

export const Flag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** RFC 9113 section 6.5.2. */
export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

/** RFC 9113 section 7. */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

const errorNames = new Map<number, string>(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** `PROTOCOL_ERROR` for 1; codes that no RFC names print as `error 0x2a`. */
export function errorCodeName(code: number): string {
  return errorNames.get(code) ?? `error 0x${code.toString(16)}`;
}

/**
 * The peer broke a rule that ends the whole connection (RFC 9113 section 5.4.1). The one class
 * that reading may throw; the connection answers with GOAWAY and closes.
 */
export class ConnectionError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "ConnectionError";
    this.code = code;
  }
}

/** RFC 9113 section 3.4: what a client sends before its first SETTINGS frame. */
export const CLIENT_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Writes a frame header at `at` and returns the offset after it. */
export function writeFrameHeader(
  out: Buffer,
  at: number,
  lengthBytes: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  out[at] = lengthBytes >>> 16;
  out[at + 1] = lengthBytes >>> 8;
  out[at + 2] = lengthBytes;
  out[at + 3] = type;
  out[at + 4] = flags;
  writeUint32(out, at + 5, streamId);
  return at + FRAME_HEADER_BYTES;
}

/** Plain stores: several times cheaper in the hot path than Buffer.writeUInt32BE's checks. */
export function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

export function readUint32(from: Uint8Array, at: number): number {
  return ((from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!) >>> 0;
}

/** A copy of its own: `slice` of a Buffer is a view of memory that will be used again. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

function controlFrame(payloadBytes: number, type: number, flags: number, streamId: number): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + payloadBytes);
  writeFrameHeader(frame, 0, payloadBytes, type, flags, streamId);
  return frame;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const frame = controlFrame(settings.length * 6, FrameType.SETTINGS, 0, 0);
  settings.forEach(([id, value], index) => {
    const at = FRAME_HEADER_BYTES + index * 6;
    frame.writeUInt16BE(id, at);
    frame.writeUInt32BE(value, at + 2);
  });
  return frame;
}

export function settingsAckFrame(): Buffer {
  return controlFrame(0, FrameType.SETTINGS, Flag.ACK, 0);
}

/** Answers a PING with its own eight bytes (RFC 9113 section 6.7). */
export function pingAckFrame(opaque: Uint8Array): Buffer {
  const frame = controlFrame(8, FrameType.PING, Flag.ACK, 0);
  frame.set(opaque, FRAME_HEADER_BYTES);
  return frame;
}

export function windowUpdateFrame(streamId: number, incrementBytes: number): Buffer {
  const frame = controlFrame(4, FrameType.WINDOW_UPDATE, 0, streamId);
  writeUint32(frame, FRAME_HEADER_BYTES, incrementBytes);
  return frame;
}

export function rstStreamFrame(streamId: number, code: number): Buffer {
  const frame = controlFrame(4, FrameType.RST_STREAM, 0, streamId);
  writeUint32(frame, FRAME_HEADER_BYTES, code);
  return frame;
}

/** The last stream id is 0: a server opens none towards a client that has disabled push. */
export function goawayFrame(code: number): Buffer {
  const frame = controlFrame(8, FrameType.GOAWAY, 0, 0);
  writeUint32(frame, FRAME_HEADER_BYTES + 4, code);
  return frame;
}
