/** Frames that a connection refuses, each with its error code. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type FrameHandler, FrameReader } from "../../../src/wire/frame-reader.ts";
import { ConnectionError, ErrorCode } from "../../../src/wire/frames.ts";
import { drawn } from "../../harness/whole-run.ts";
import { FLAG, serializeFrame } from "../../peers/wire-peer-frames.ts";
import { EMPTY_SETTINGS, feed, Scribe, streams, uint32 } from "./frames-heard.ts";

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
    "CONTINUATION after a block that has ended",
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
  test(`${rule} is a connection error with the code that the RFC gives`, () => {
    assert.is(codeOf(...frames), code);
  });
}

test("a server must begin with SETTINGS other than a SETTINGS ACK", () => {
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

test("a server that speaks another protocol gets an error that names it", () => {
  assert.throws(
    () => feed(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), [3]),
    /does not speak HTTP\/2/,
  );
});

test("a frame that is too long is refused at its header, before its payload arrives", () => {
  const reader = new FrameReader(new Scribe());
  reader.read(EMPTY_SETTINGS, 0, EMPTY_SETTINGS.length);
  const header = serializeFrame("DATA", 0, 1, Buffer.alloc(70_000)).subarray(0, 9);
  assert.throws(() => reader.read(header, 0, 9), /70000 bytes/);
});

test("a header block is bounded, whether its CONTINUATIONs are long, short or empty", () => {
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

test("after stop no frame is reported, not even from the rest of the chunk", () => {
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

/** Almost valid octets: a valid stream with some octets changed, then repeated from the middle. */
const damagedStreams = fc
  .tuple(streams, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
  .map(([stream, changes, cut]) => {
    const damaged = Buffer.from(stream);
    for (const [at, octet] of changes) damaged[9 + (at % Math.max(1, damaged.length - 9))] = octet;
    const middle = cut % damaged.length;
    return Buffer.concat([damaged, damaged.subarray(middle)]);
  });

test("damaged or random octets are read without an error or end in a ConnectionError", () => {
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
