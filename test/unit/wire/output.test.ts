/** Buffers of writes: no pending write is overwritten, and buffers are reused. */
import type { Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Output } from "../../../src/wire/output.ts";

/** A socket that keeps each write until the test lets it leave. */
class HeldSocket {
  readonly held: { chunk: Buffer; done: () => void }[] = [];
  readonly memories = new Set<ArrayBufferLike>();
  writableLength = 0;

  write(chunk: Buffer, done: () => void = () => {}): boolean {
    this.held.push({ chunk, done });
    this.memories.add(chunk.buffer);
    this.writableLength += chunk.length;
    return true;
  }

  /** Completes the oldest write and returns its text as it is now. */
  leave(): string {
    const { chunk, done } = this.held.shift()!;
    const text = chunk.toString("latin1");
    this.writableLength -= chunk.length;
    done();
    return text;
  }
}

for (const isLateWriter of [false, true]) {
  test(`a pending write is not overwritten (late writer: ${isLateWriter})`, () => {
    const socket = new HeldSocket();
    const output = new Output(isLateWriter);
    const texts = ["first", "second", "third", "x".repeat(100_000), "last"];
    for (const text of texts) {
      output.append(Buffer.from(text));
      output.flush(socket as unknown as Socket);
    }
    assert.is(output.isEmpty, true);
    assert.equal(
      texts.map(() => socket.leave()),
      texts,
    );
  });
}

test("writes whose completion is reported late alternate between a few buffers", () => {
  const socket = new HeldSocket();
  const output = new Output(true);
  const flush = (text: string) => {
    output.append(Buffer.from(text));
    output.flush(socket as unknown as Socket);
  };
  flush("0");
  for (let turn = 1; turn < 100; turn++) {
    flush(String(turn));
    assert.is(socket.leave(), String(turn - 1));
  }
  assert.ok(socket.memories.size <= 3, `${socket.memories.size} buffers`);
});

test.run();
