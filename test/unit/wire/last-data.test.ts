import { test } from "uvu";
import * as assert from "uvu/assert";
import { LastData } from "../../../src/wire/last-data.ts";

/** A message with a gRPC prefix, after three other octets. */
function chunkOf(message: readonly number[], length = message.length): Buffer {
  return Buffer.from([9, 9, 9, 0, 0, 0, 0, length, ...message]);
}

const lengthOf = (_: Uint8Array, start: number, end: number) => end - start;

test("a chunk with one whole message is read, only for its own call, until it is cleared", () => {
  const data = new LastData();
  const bytes = chunkOf([5, 6, 7]);
  data.set(4, bytes, 3, bytes.length);
  assert.is(
    data.read(4, (read, start) => read[start]!),
    5,
  );
  assert.is(data.read(4, lengthOf), 3);
  assert.is(data.read(5, lengthOf), 0);
  data.clear();
  assert.is(data.read(4, lengthOf), 0);
});

test("a part of a message, several messages and a compressed message are not read", () => {
  const data = new LastData();
  for (const bytes of [chunkOf([5, 6, 7], 8), chunkOf([5, 6, 7], 2), chunkOf([], 3)]) {
    data.set(0, bytes, 3, bytes.length);
    assert.is(data.read(0, lengthOf), 0);
  }
  const compressed = chunkOf([5, 6, 7]);
  compressed[3] = 1;
  data.set(0, compressed, 3, compressed.length);
  assert.is(data.read(0, lengthOf), 0);
  data.set(0, compressed, 3, 5);
  assert.is(data.read(0, lengthOf), 0);
});

test.run();
