/** Messages that the server's windows hold back on an open stream: all of them, in order, once. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Flag, FRAME_HEADER_BYTES, FrameType } from "../../../src/wire/frames.ts";
import { Output } from "../../../src/wire/output.ts";
import { PeerSettings } from "../../../src/wire/peer-settings.ts";
import { SendQueue } from "../../../src/wire/send-queue.ts";

const STREAM = 1;
const WINDOW_BYTES = 65_535;

/** The DATA that stands in the output, which ends no stream. */
function dataOf(out: Output): Buffer {
  const end = out.reserve(0);
  const parts: Buffer[] = [];
  for (let at = 0; at < end; ) {
    const sizeBytes = out.buffer.readUIntBE(at, 3);
    assert.equal([out.buffer[at + 3], out.buffer[at + 4]! & Flag.END_STREAM], [FrameType.DATA, 0]);
    assert.is(out.buffer.readUInt32BE(at + 5), STREAM);
    at += FRAME_HEADER_BYTES;
    parts.push(Buffer.from(out.buffer.subarray(at, at + sizeBytes)));
    at += sizeBytes;
  }
  return Buffer.concat(parts);
}

test("what is appended to a stream comes out whole and in order, however the windows open", () => {
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

test("what waits is not copied anew for every message", () => {
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
