/** Messages go through etcd in sealed chunks: a wrong secret, place, version or order fails. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CHUNK_BYTES,
  GroupKey,
  Opener,
  PROTOCOL_VERSION,
  Sealer,
  WrongVersion,
} from "../../../src/agents/envelope.ts";
import { newGroupSecret } from "../../../src/agents/join-file.ts";
import { Unreadable } from "../../../src/agents/pack.ts";

const isUnreadable = (error: Error) => error instanceof Unreadable;
const MIB = 1 << 20;
const key = new GroupKey(newGroupSecret());

test("a long message is sent in chunks below 1 MiB, and comes back whole", () => {
  const message = { bytes: Buffer.alloc(3 * CHUNK_BYTES, 7), text: "é" };
  const chunks = new Sealer(key, "up/a").chunksOf(message);
  assert.is(chunks.length, 4);
  assert.ok(chunks.every(({ length }) => length < MIB));
  const opener = new Opener(key, "up/a");
  const taken = chunks.map((chunk) => opener.take(chunk));
  assert.equal(taken.slice(0, 3), [null, null, null]);
  assert.equal(taken[3], { message });
});

test("the sealed bytes do not contain the text of the message", () => {
  const [chunk] = new Sealer(key, "to/a").chunksOf({ token: "a-secret-token" });
  assert.not(chunk!.includes("a-secret-token"));
});

test("a missing or swapped chunk is detected, and a repeated one is skipped", () => {
  const sealer = new Sealer(key, "up/a");
  const [first, second, third] = [1, 2, 3].map((each) => sealer.chunksOf(each)[0]!);
  const opener = new Opener(key, "up/a");
  assert.equal(opener.take(first!), { message: 1 });
  assert.is(opener.take(first!), null);
  assert.throws(() => opener.take(third!), /message 1 is missing/);
  assert.equal(opener.take(second!), { message: 2 });
});

test("a chunk of a long message that a repeated call puts twice is taken once", () => {
  const message = { bytes: Buffer.alloc(2 * CHUNK_BYTES, 7) };
  const [one, two, three] = new Sealer(key, "up/a").chunksOf(message);
  const opener = new Opener(key, "up/a");
  const taken = [one, one, two, one, two, three, three].map((chunk) => opener.take(chunk!));
  assert.equal(
    taken.map((each) => each !== null),
    [false, false, false, false, false, true, false],
  );
  assert.equal(taken[5], { message });
});

test("another secret, another place and a changed byte open nothing", () => {
  const [chunk] = new Sealer(key, "up/a").chunksOf("text");
  assert.throws(
    () => new Opener(new GroupKey(newGroupSecret()), "up/a").take(chunk!),
    isUnreadable,
  );
  assert.throws(() => new Opener(key, "up/b").take(chunk!), isUnreadable);
  for (let at = 0; at < chunk!.length; at++) {
    const changed = Buffer.from(chunk!);
    changed[at]! ^= 1;
    assert.throws(() => new Opener(key, "up/a").take(changed));
  }
  assert.throws(() => key.open("up/a", Buffer.alloc(0)), isUnreadable);
});

test("the error for a message of another protocol version has that version", () => {
  const sealed = key.seal("up/a", Buffer.from("text"), PROTOCOL_VERSION + 1);
  assert.throws(
    () => key.open("up/a", sealed),
    (error: Error) => error instanceof WrongVersion && error.theirs === PROTOCOL_VERSION + 1,
  );
});

test.run();
