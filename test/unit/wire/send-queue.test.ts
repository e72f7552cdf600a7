/** Queues messages that the server's windows hold back: each is sent once, whole and in order. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Flag, FRAME_HEADER_BYTES, FrameType } from "../../../src/wire/frames.ts";
import { Output } from "../../../src/wire/output.ts";
import { PeerSettings } from "../../../src/wire/peer-settings.ts";
import { SendQueue } from "../../../src/wire/send-queue.ts";

const STREAM = 1;
const WINDOW_BYTES = 65_535;

interface DataFrame {
  streamId: number;
  data: Buffer;
  isEnd: boolean;
}

/** The frames in the output, all of them DATA. */
function framesOf(out: Output): DataFrame[] {
  const end = out.reserve(0);
  const frames: DataFrame[] = [];
  for (let at = 0; at < end; ) {
    const sizeBytes = out.buffer.readUIntBE(at, 3);
    assert.is(out.buffer[at + 3], FrameType.DATA);
    const isEnd = (out.buffer[at + 4]! & Flag.END_STREAM) !== 0;
    const streamId = out.buffer.readUInt32BE(at + 5);
    at += FRAME_HEADER_BYTES;
    frames.push({ streamId, data: Buffer.from(out.buffer.subarray(at, at + sizeBytes)), isEnd });
    at += sizeBytes;
  }
  return frames;
}

/** The DATA in the output, none of which ends a stream. */
function dataOf(out: Output): Buffer {
  const frames = framesOf(out);
  assert.ok(frames.every(({ streamId, isEnd }) => streamId === STREAM && !isEnd));
  return Buffer.concat(frames.map(({ data }) => data));
}

/** Nearby octets differ, and so do the messages of different streams. */
function messageOf(streamId: number, sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at + streamId * 31) % 251));
}

test("octets appended to a stream are sent whole and in order, however its windows open", () => {
  const append = fc.record({ append: fc.integer({ min: 1, max: 3_000 }) });
  const open = fc.record({ open: fc.integer({ min: 1, max: 40_000 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(append, open), { maxLength: 120 }), (steps) => {
      const queue = new SendQueue(new PeerSettings());
      const out = new Output();
      queue.openStream(STREAM);
      const appended: Buffer[] = [];
      let window = WINDOW_BYTES;
      let place = 0;
      const expectSent = () => {
        const all = Buffer.concat(appended);
        assert.ok(dataOf(out).equals(all.subarray(0, Math.min(all.length, window))));
      };
      for (const step of steps) {
        if ("append" in step) {
          const message = Buffer.alloc(step.append, 0).map(() => place++ % 251);
          appended.push(Buffer.from(message));
          queue.append(STREAM, message, out);
          message.fill(0xff);
        } else {
          queue.windowUpdate(STREAM, step.open, out);
          queue.windowUpdate(0, step.open, out);
          window += step.open;
        }
      }
      expectSent();
      queue.windowUpdate(STREAM, 1_000_000, out);
      queue.windowUpdate(0, 1_000_000, out);
      window += 1_000_000;
      expectSent();
    }),
  );
});

test("messages of new streams are sent whole and end their streams, whatever their windows are", () => {
  const open = fc.record({
    stream: fc.integer({ min: -1, max: 5 }),
    by: fc.integer({ min: 1, max: 60_000 }),
  });
  const message = fc.record({ sizeBytes: fc.integer({ min: 5, max: 50_000 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(message, open), { maxLength: 40 }), (steps) => {
      const queue = new SendQueue(new PeerSettings());
      const out = new Output();
      const sizes: number[] = [];
      const windows: number[] = [];
      let connectionWindow = WINDOW_BYTES;
      const sentOf = (streamId: number) =>
        framesOf(out).filter((frame) => frame.streamId === streamId);
      const openWindow = (stream: number, by: number) => {
        if (stream === -1) connectionWindow += by;
        else windows[stream]! += by;
        queue.windowUpdate(stream === -1 ? 0 : 2 * stream + 1, by, out);
      };
      for (const step of steps) {
        if ("by" in step) {
          if (step.stream < sizes.length) openWindow(step.stream, step.by);
        } else {
          const bytes = messageOf(2 * sizes.length + 1, step.sizeBytes);
          queue.sendOrHold(2 * sizes.length + 1, bytes, out);
          // The caller writes its next message into the same buffer.
          bytes.fill(0xff);
          sizes.push(step.sizeBytes);
          windows.push(WINDOW_BYTES);
        }
        const sent = sizes.map((_, at) =>
          sentOf(2 * at + 1).reduce((sum, { data }) => sum + data.length, 0),
        );
        const total = sent.reduce((sum, each) => sum + each, 0);
        assert.ok(total <= connectionWindow && sent.every((each, at) => each <= windows[at]!));
        const isStuck = sent.every((each, at) => each === Math.min(sizes[at]!, windows[at]!));
        assert.ok(total === connectionWindow || isStuck, "what fits was not sent");
      }
      openWindow(-1, 10_000_000);
      for (const at of sizes.keys()) openWindow(at, 10_000_000);
      for (const [at, sizeBytes] of sizes.entries()) {
        const frames = sentOf(2 * at + 1);
        const whole = Buffer.concat(frames.map(({ data }) => data));
        assert.ok(whole.equals(messageOf(2 * at + 1, sizeBytes)));
        assert.equal(frames.filter(({ isEnd }) => isEnd).length, 1);
        assert.ok(frames.at(-1)!.isEnd);
      }
    }),
    { numRuns: 60 },
  );
});

test("when a message needs several frames, only the part that has to wait is copied", () => {
  const queue = new SendQueue(new PeerSettings());
  const out = new Output();
  const bytes = Buffer.alloc(WINDOW_BYTES + 100);
  let kept = 0;
  const { subarray } = bytes;
  bytes.subarray = (from, to) => {
    const part = subarray.call(bytes, from, to);
    if (to === bytes.length) kept = part.length;
    return part;
  };
  queue.sendOrHold(STREAM, bytes, out);
  assert.is(kept, 100);
});

test("octets that wait are not copied again for each new message", () => {
  const queue = new SendQueue(new PeerSettings());
  const out = new Output();
  queue.openStream(STREAM);
  queue.append(STREAM, Buffer.alloc(WINDOW_BYTES), out);
  let copied = 0;
  const { set, copyWithin } = Uint8Array.prototype;
  const { concat } = Buffer;
  try {
    Uint8Array.prototype.set = function (this: Uint8Array, bytes, offset) {
      copied += bytes.length;
      set.call(this, bytes, offset);
    };
    Uint8Array.prototype.copyWithin = function (this: Uint8Array, to, from, end = this.length) {
      copied += end - from;
      return copyWithin.call(this, to, from, end);
    } as typeof copyWithin;
    Buffer.concat = (parts, length) => {
      copied += parts.reduce((sum, part) => sum + part.length, 0);
      return concat.call(Buffer, parts, length) as Buffer<ArrayBuffer>;
    };
    const message = Buffer.alloc(60);
    for (let at = 0; at < 1_000; at++) queue.append(STREAM, message, out);
  } finally {
    Uint8Array.prototype.set = set;
    Uint8Array.prototype.copyWithin = copyWithin;
    Buffer.concat = concat;
  }
  assert.ok(copied < 5 * 60_000, `${copied} octets were copied for 60,000`);
});

test.run();
