/** Reads the same frames from any split of the octets. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameReader } from "../../../src/wire/frame-reader.ts";
import { cases } from "../../harness/whole-run.ts";
import { FLAG, serializeFrame, serializeSettings } from "../../peers/wire-peer-frames.ts";
import { EMPTY_SETTINGS, feed, Scribe, streams, uint32 } from "./frames-heard.ts";

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

test("each kind of frame is reported without padding, priority and reserved bits", () => {
  assert.equal(feed(EVERY_KIND, [EVERY_KIND.length]), EVERY_KIND_HEARD);
});

test("octets that arrive one by one give the same frames", () => {
  assert.equal(feed(EVERY_KIND, [1]), EVERY_KIND_HEARD);
});

test("octets cut in two at any place give the same frames", () => {
  for (let at = 1; at < EVERY_KIND.length; at++) {
    assert.equal(feed(EVERY_KIND, [at, EVERY_KIND.length]), EVERY_KIND_HEARD, `cut at ${at}`);
  }
});

test("a frame of the largest size is reported whole for any split", () => {
  const payload = Buffer.alloc(16_384, 7);
  const stream = Buffer.concat([EMPTY_SETTINGS, serializeFrame("DATA", 0, 1, payload)]);
  const heard = ["SETTINGS ", `DATA 1 false ${payload.toString("hex")} flow 16384`];
  for (const size of [stream.length, 16_384, 16_392, 16_393, 10, 9, 1]) {
    assert.equal(feed(stream, [size]), heard);
  }
});

test("random frames are the same for any split, and the reader keeps no borrowed buffer", () => {
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
    { numRuns: cases(150), seed: 9113 },
  );
});

test.run();
