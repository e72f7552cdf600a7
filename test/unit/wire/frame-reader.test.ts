/** Cutting octets into frames: what the handler hears, whatever the reads look like. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type FrameHandler, FrameReader } from "../../../src/wire/frame-reader.ts";
import { ConnectionError, ErrorCode } from "../../../src/wire/frames.ts";
import { FLAG, serializeFrame, serializeSettings } from "../../peers/wire-peer-frames.ts";
import { drawn } from "../../harness/whole-run.ts";

/** Writes down each call as a line; bytes are read at once, since they are only lent. */
class Scribe implements FrameHandler {
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
const EMPTY_SETTINGS = serializeFrame("SETTINGS", 0, 0);

function hex(bytes: Uint8Array, start: number, stop: number): string {
  return Buffer.from(bytes.subarray(start, stop)).toString("hex");
}

/** Feeds pieces of the given sizes, in turn, from one buffer that is used again for each. */
function feed(stream: Uint8Array, sizes: readonly number[]): string[] {
  const scribe = new Scribe();
  const reader = new FrameReader(scribe);
  const lent = Buffer.alloc(65_536);
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length]!, stream.length - at);
    // Read from the middle too: a piece need not begin where its buffer does.
    const start = turn % 7;
    lent.set(stream.subarray(at, at + size), start);
    reader.read(lent, start, start + size);
    lent.fill(NOISE);
    at += size;
  }
  return scribe.lines;
}

function codeOf(...frames: readonly Uint8Array[]): number {
  let code = -1;
  assert.throws(
    () => feed(Buffer.concat([EMPTY_SETTINGS, ...frames]), [60_000]),
    (error: unknown) => {
      if (!(error instanceof ConnectionError)) return false;
      code = error.code;
      return true;
    },
  );
  return code;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const EVERY_KIND = Buffer.concat([
  serializeFrame("SETTINGS", 0, 0, serializeSettings({ maxFrameSize: 20_000, enablePush: 0 })),
  serializeFrame("SETTINGS", FLAG.ack, 0),
  serializeFrame("HEADERS", FLAG.endHeaders, 1, Buffer.from("88", "hex")),
  serializeFrame("DATA", 0, 1, Buffer.from("0102", "hex")),
  serializeFrame("DATA", FLAG.padded, 1, Buffer.from("02030400ff", "hex")),
  serializeFrame("DATA", FLAG.padded, 1, Buffer.from("00", "hex")),
  serializeFrame("DATA", FLAG.endStream, 1),
  serializeFrame("PRIORITY", 0, 3, Buffer.alloc(5)),
  serializeFrame(
    "HEADERS",
    FLAG.padded | FLAG.priority | FLAG.endStream,
    0x80000003,
    Buffer.from("01ffffffff0a8800", "hex"),
  ),
  serializeFrame("CONTINUATION", 0, 3),
  serializeFrame("CONTINUATION", FLAG.endHeaders, 3, Buffer.from("8990", "hex")),
  serializeFrame("RST_STREAM", 0, 5, uint32(8)),
  serializeFrame("PING", 0, 0, Buffer.from("abcdefgh")),
  serializeFrame("PING", FLAG.ack, 0, Buffer.from("hgfedcba")),
  serializeFrame(0xfe, 0xff, 99, Buffer.from("ignored")),
  serializeFrame("WINDOW_UPDATE", 0, 0, uint32(0x80000000 + 5)),
  serializeFrame("WINDOW_UPDATE", 0, 7, uint32(0)),
  serializeFrame(
    "GOAWAY",
    0,
    0,
    Buffer.concat([uint32(0xffffffff), uint32(11), Buffer.from("calm")]),
  ),
]);

const EVERY_KIND_HEARD = [
  "SETTINGS 000500004e20000200000000",
  "SETTINGS ACK",
  "HEADERS 1 false 88",
  "DATA 1 false 0102 flow 2",
  "DATA 1 false 0304 flow 5",
  "DATA 1 false  flow 1",
  "DATA 1 true  flow 0",
  "HEADERS 3 true 888990",
  "RST_STREAM 5 8",
  "PING false 6162636465666768",
  "PING true 6867666564636261",
  "WINDOW_UPDATE 0 5",
  "WINDOW_UPDATE 7 0",
  "GOAWAY 2147483647 11 calm",
];

test("each kind of frame is heard, without padding, priority and reserved bits", () => {
  assert.equal(feed(EVERY_KIND, [EVERY_KIND.length]), EVERY_KIND_HEARD);
});

test("octet by octet the same is heard", () => {
  assert.equal(feed(EVERY_KIND, [1]), EVERY_KIND_HEARD);
});

test("cut in two at any place the same is heard", () => {
  for (let at = 1; at < EVERY_KIND.length; at++) {
    assert.equal(feed(EVERY_KIND, [at, EVERY_KIND.length]), EVERY_KIND_HEARD, `cut at ${at}`);
  }
});

test("a frame of the largest size is heard whole, cut or not", () => {
  const payload = Buffer.alloc(16_384, 7);
  const stream = Buffer.concat([EMPTY_SETTINGS, serializeFrame("DATA", 0, 1, payload)]);
  const heard = ["SETTINGS ", `DATA 1 false ${payload.toString("hex")} flow 16384`];
  for (const size of [stream.length, 16_384, 16_392, 16_393, 10, 9, 1]) {
    assert.equal(feed(stream, [size]), heard);
  }
});

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

const streams = fc
  .array(fc.oneof(dataFrames, headerFrames, otherFrames), { maxLength: 12 })
  .map((frames) => Buffer.concat([EMPTY_SETTINGS, ...frames]));

test("random frames are heard alike whatever the cuts, and nothing lent is kept", () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20_000 })),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(streams, sizes, (stream, cuts) => {
      const scribe = new Scribe();
      new FrameReader(scribe).read(stream, 0, stream.length);
      assert.equal(feed(stream, cuts), scribe.lines);
    }),
    { numRuns: 150, seed: 9113 },
  );
});

const { PROTOCOL_ERROR, FRAME_SIZE_ERROR, ENHANCE_YOUR_CALM } = ErrorCode;

const MALFORMED: [rule: string, frames: Uint8Array[], code: number][] = [
  ["DATA on stream 0", [serializeFrame("DATA", 0, 0)], PROTOCOL_ERROR],
  [
    "DATA that is all padding",
    [serializeFrame("DATA", FLAG.padded, 1, Buffer.of(3, 0, 0))],
    PROTOCOL_ERROR,
  ],
  ["padded DATA without a pad length", [serializeFrame("DATA", FLAG.padded, 1)], FRAME_SIZE_ERROR],
  ["HEADERS on stream 0", [serializeFrame("HEADERS", FLAG.endHeaders, 0)], PROTOCOL_ERROR],
  [
    "HEADERS that is all padding",
    [serializeFrame("HEADERS", FLAG.padded, 1, Buffer.of(9))],
    PROTOCOL_ERROR,
  ],
  [
    "padded HEADERS without a pad length",
    [serializeFrame("HEADERS", FLAG.padded, 1)],
    FRAME_SIZE_ERROR,
  ],
  [
    "HEADERS with half a priority",
    [serializeFrame("HEADERS", FLAG.priority, 1, Buffer.alloc(4))],
    FRAME_SIZE_ERROR,
  ],
  [
    "HEADERS whose padding takes the priority",
    [serializeFrame("HEADERS", FLAG.priority | FLAG.padded, 1, Buffer.of(5, 0, 0, 0, 0, 0))],
    FRAME_SIZE_ERROR,
  ],
  ["PRIORITY on stream 0", [serializeFrame("PRIORITY", 0, 0, Buffer.alloc(5))], PROTOCOL_ERROR],
  ["PRIORITY of 4 octets", [serializeFrame("PRIORITY", 0, 1, Buffer.alloc(4))], FRAME_SIZE_ERROR],
  ["RST_STREAM on stream 0", [serializeFrame("RST_STREAM", 0, 0, Buffer.alloc(4))], PROTOCOL_ERROR],
  [
    "RST_STREAM of 5 octets",
    [serializeFrame("RST_STREAM", 0, 1, Buffer.alloc(5))],
    FRAME_SIZE_ERROR,
  ],
  ["SETTINGS on a stream", [serializeFrame("SETTINGS", 0, 1)], PROTOCOL_ERROR],
  ["SETTINGS of 7 octets", [serializeFrame("SETTINGS", 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR],
  [
    "a SETTINGS ACK with a payload",
    [serializeFrame("SETTINGS", FLAG.ack, 0, Buffer.alloc(6))],
    FRAME_SIZE_ERROR,
  ],
  ["PUSH_PROMISE", [serializeFrame("PUSH_PROMISE", FLAG.endHeaders, 1, uint32(2))], PROTOCOL_ERROR],
  ["PING on a stream", [serializeFrame("PING", 0, 1, Buffer.alloc(8))], PROTOCOL_ERROR],
  ["PING of 7 octets", [serializeFrame("PING", 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR],
  ["GOAWAY on a stream", [serializeFrame("GOAWAY", 0, 1, Buffer.alloc(8))], PROTOCOL_ERROR],
  ["GOAWAY of 7 octets", [serializeFrame("GOAWAY", 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR],
  [
    "WINDOW_UPDATE of 3 octets",
    [serializeFrame("WINDOW_UPDATE", 0, 0, Buffer.alloc(3))],
    FRAME_SIZE_ERROR,
  ],
  [
    "CONTINUATION without HEADERS",
    [serializeFrame("CONTINUATION", FLAG.endHeaders, 1)],
    PROTOCOL_ERROR,
  ],
  [
    "CONTINUATION behind a block that has ended",
    [
      serializeFrame("HEADERS", FLAG.endHeaders, 1),
      serializeFrame("CONTINUATION", FLAG.endHeaders, 1),
    ],
    PROTOCOL_ERROR,
  ],
  [
    "CONTINUATION of another stream",
    [serializeFrame("HEADERS", 0, 1), serializeFrame("CONTINUATION", FLAG.endHeaders, 3)],
    PROTOCOL_ERROR,
  ],
  [
    "DATA inside a header block",
    [serializeFrame("HEADERS", 0, 1), serializeFrame("DATA", 0, 1)],
    PROTOCOL_ERROR,
  ],
  [
    "an unknown frame inside a header block",
    [serializeFrame("HEADERS", 0, 1), serializeFrame(0x77, 0, 1)],
    PROTOCOL_ERROR,
  ],
  [
    "a frame above 16,384 octets",
    [serializeFrame("DATA", 0, 1, Buffer.alloc(16_385))],
    FRAME_SIZE_ERROR,
  ],
];

for (const [rule, frames, code] of MALFORMED) {
  test(`${rule} is a connection error of the right code`, () => {
    assert.is(codeOf(...frames), code);
  });
}

test("a server must begin with SETTINGS, and not with their ACK", () => {
  for (const first of [
    serializeFrame("SETTINGS", FLAG.ack, 0),
    serializeFrame("PING", 0, 0, Buffer.alloc(8)),
    Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
    Buffer.from("\x15\x03\x01\x00\x02\x02\x46 tls alert"),
  ]) {
    assert.throws(
      () => feed(first, [100]),
      (error: unknown) => error instanceof ConnectionError && error.code === PROTOCOL_ERROR,
    );
  }
});

test("another protocol is called so", () => {
  assert.throws(
    () => feed(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), [3]),
    /does not speak HTTP\/2/,
  );
});

test("a frame too long is refused by its header alone, before its octets come", () => {
  const reader = new FrameReader(new Scribe());
  reader.read(EMPTY_SETTINGS, 0, EMPTY_SETTINGS.length);
  const header = serializeFrame("DATA", 0, 1, Buffer.alloc(70_000)).subarray(0, 9);
  assert.throws(() => reader.read(header, 0, 9), /70000 bytes/);
});

test("a header block ends within bounds, be its CONTINUATIONs long, short or empty", () => {
  for (const [partBytes, mostFrames] of [
    [16_000, 6],
    [100, 70],
    [0, 70],
  ] as const) {
    const scribe = new Scribe();
    const reader = new FrameReader(scribe);
    reader.read(EMPTY_SETTINGS, 0, EMPTY_SETTINGS.length);
    const opening = serializeFrame("HEADERS", 0, 1);
    reader.read(opening, 0, opening.length);
    const part = serializeFrame("CONTINUATION", 0, 1, Buffer.alloc(partBytes));
    let code = -1;
    let frames = 0;
    while (code < 0 && frames <= mostFrames) {
      frames += 1;
      try {
        reader.read(part, 0, part.length);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        code = error.code;
      }
    }
    assert.is(code, ENHANCE_YOUR_CALM, `parts of ${partBytes} octets`);
    assert.equal(scribe.lines, ["SETTINGS "]);
  }
});

test("nothing is heard after stop, the rest of the chunk included", () => {
  const lines: string[] = [];
  const handler: FrameHandler = new Scribe();
  const reader = new FrameReader(handler);
  handler.onPing = () => {
    lines.push("PING");
    reader.stop();
  };
  const ping = serializeFrame("PING", 0, 0, Buffer.alloc(8));
  const chunk = Buffer.concat([EMPTY_SETTINGS, ping, ping, ping.subarray(0, 4)]);
  reader.read(chunk, 0, chunk.length);
  reader.read(ping, 0, ping.length);
  assert.equal(lines, ["PING"]);
});

/** Octets that are nearly a server's: a valid stream with a few of them changed, cut or repeated. */
const damagedStreams = fc
  .tuple(streams, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
  .map(([stream, changes, cut]) => {
    const damaged = Buffer.from(stream);
    for (const [at, octet] of changes) damaged[9 + (at % Math.max(1, damaged.length - 9))] = octet;
    const middle = cut % damaged.length;
    return Buffer.concat([damaged, damaged.subarray(middle)]);
  });

test("damaged and random octets end in a ConnectionError or not at all", () => {
  const random = fc
    .uint8Array({ minLength: 0, maxLength: 500 })
    .map((bytes) => Buffer.concat([EMPTY_SETTINGS, bytes]));
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(damagedStreams, random), sizes, (stream, cuts) => {
      try {
        feed(stream, cuts);
        taken += 1;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        refused += 1;
      }
    }),
    { numRuns: drawn({ daily: 500, whole: 1_500 }), seed: 7540 },
  );
  assert.ok(refused > 50 && taken > 50, `${refused} refused, ${taken} taken`);
});

test.run();
