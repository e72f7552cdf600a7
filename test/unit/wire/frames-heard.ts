/** Feeds octets to a frame reader and records the frames it reports. */
import fc from "fast-check";
import { type FrameHandler, FrameReader } from "../../../src/wire/frame-reader.ts";
import { FLAG, serializeFrame } from "../../peers/wire-peer-frames.ts";

/** Records each callback as a line. It copies the bytes at once, since the buffer is reused. */
export class Scribe implements FrameHandler {
  readonly lines: string[] = [];

  onData(id: number, end: boolean, bytes: Uint8Array, start: number, stop: number, flow: number) {
    this.lines.push(`DATA ${id} ${end} ${hex(bytes, start, stop)} flow ${flow}`);
  }
  onHeaderBlock(id: number, end: boolean, bytes: Uint8Array, start: number, stop: number) {
    this.lines.push(`HEADERS ${id} ${end} ${hex(bytes, start, stop)}`);
  }
  onRstStream(id: number, code: number) {
    this.lines.push(`RST_STREAM ${id} ${code}`);
  }
  onSettings(bytes: Uint8Array, start: number, stop: number) {
    this.lines.push(`SETTINGS ${hex(bytes, start, stop)}`);
  }
  onSettingsAck() {
    this.lines.push("SETTINGS ACK");
  }
  onPing(ack: boolean, bytes: Uint8Array, start: number, stop: number) {
    this.lines.push(`PING ${ack} ${hex(bytes, start, stop)}`);
  }
  onGoaway(last: number, code: number, debug: string) {
    this.lines.push(`GOAWAY ${last} ${code} ${debug}`);
  }
  onWindowUpdate(id: number, increment: number) {
    this.lines.push(`WINDOW_UPDATE ${id} ${increment}`);
  }
}

const NOISE = 0xaa;

export const EMPTY_SETTINGS = serializeFrame("SETTINGS", 0, 0);

export function hex(bytes: Uint8Array, start: number, stop: number): string {
  return Buffer.from(bytes.subarray(start, stop)).toString("hex");
}

/** Feeds pieces of the given sizes in turn, from one buffer that each piece overwrites. */
export function feed(stream: Uint8Array, sizes: readonly number[]): string[] {
  const scribe = new Scribe();
  const reader = new FrameReader(scribe);
  const lent = Buffer.alloc(65_536);
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length]!, stream.length - at);
    // A piece need not begin at the start of its buffer.
    const start = turn % 7;
    lent.set(stream.subarray(at, at + size), start);
    reader.read(lent, start, start + size);
    lent.fill(NOISE);
    at += size;
  }
  return scribe.lines;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const streamIds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

const payloads = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(16_000).fill(3)) },
);

const dataFrames = fc
  .record({ id: streamIds, bytes: payloads, pad: fc.option(fc.nat(255)), end: fc.boolean() })
  .map(({ id, bytes, pad, end }) => {
    const flags = (end ? FLAG.endStream : 0) | (pad === null ? 0 : FLAG.padded);
    const padded = pad === null ? bytes : Buffer.concat([Buffer.of(pad), bytes, Buffer.alloc(pad)]);
    return serializeFrame("DATA", flags, id, padded);
  });

const headerFrames = fc
  .record({
    id: streamIds,
    parts: fc.array(payloads, { minLength: 1, maxLength: 3 }),
    end: fc.boolean(),
  })
  .map(({ id, parts, end }) =>
    Buffer.concat(
      parts.map((part, index) => {
        const flags =
          (index === parts.length - 1 ? FLAG.endHeaders : 0) |
          (index === 0 && end ? FLAG.endStream : 0);
        return serializeFrame(index === 0 ? "HEADERS" : "CONTINUATION", flags, id, part);
      }),
    ),
  );

const otherFrames = fc.oneof(
  streamIds.map((id) => serializeFrame("RST_STREAM", 0, id, uint32(id % 14))),
  streamIds.map((id) => serializeFrame("WINDOW_UPDATE", 0, id, uint32(id))),
  streamIds.map((id) => serializeFrame("PRIORITY", 0, id, Buffer.alloc(5))),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => serializeFrame("PING", 0, 0, bytes)),
  fc
    .uint8Array({ maxLength: 50 })
    .map((debug) => serializeFrame("GOAWAY", 0, 0, Buffer.concat([uint32(1), uint32(0), debug]))),
  fc
    .tuple(fc.integer({ min: 10, max: 255 }), fc.nat(255), payloads)
    .map(([type, flags, bytes]) => serializeFrame(type, flags, 0, bytes)),
);

export const streams = fc
  .array(fc.oneof(dataFrames, headerFrames, otherFrames), { maxLength: 12 })
  .map((frames) => Buffer.concat([EMPTY_SETTINGS, ...frames]));
