/** Assembles messages from their pieces, in memory that is reused. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MessageAssembly } from "../../../src/wire/message-assembly.ts";
import { cases } from "../../harness/whole-run.ts";

const SLOTS = 3;

/** Nearby octets differ, and so do octets at the same place in different messages. */
function pattern(length: number, number: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at * 7 + number;
  return bytes;
}

test("messages of several slots are assembled whole when their pieces alternate", () => {
  const length = fc.integer({ min: 1, max: 300_000 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ slot: fc.nat(SLOTS - 1), length }), { maxLength: 8 }),
      fc.integer({ min: 1_000, max: 70_000 }),
      (messages, pieceBytes) => {
        const sent = messages.map(({ slot, length }, number) => ({
          slot,
          message: pattern(length, number),
        }));
        const assembly = new MessageAssembly();
        const waiting = Array.from({ length: SLOTS }, (_, slot) =>
          sent.filter((each) => each.slot === slot).map((each) => each.message),
        );
        const at = new Array<number>(SLOTS).fill(0);
        while (waiting.some((messages) => messages.length > 0)) {
          for (const [slot, messages] of waiting.entries()) {
            const bytes = messages[0];
            if (bytes === undefined) continue;
            const end = Math.min(bytes.length, at[slot]! + pieceBytes);
            assembly.add(slot, bytes, at[slot]!, end, bytes.length - end);
            at[slot] = end;
            if (end < bytes.length) continue;
            const whole = assembly.take(slot);
            assert.ok(whole.bytes.subarray(0, whole.length).equals(bytes));
            assembly.giveBack(whole.bytes);
            messages.shift();
            at[slot] = 0;
          }
        }
      },
    ),
    { numRuns: cases(30) },
  );
});

test("a message's memory is reused, also when the rest of the message never came", () => {
  const assembly = new MessageAssembly();
  const piece = Buffer.alloc(30_000, 1);
  assembly.add(0, piece, 0, piece.length, 1);
  assembly.add(0, piece, 0, 1, 0);
  const first = assembly.take(0).bytes;
  assembly.giveBack(first);
  assembly.add(1, piece, 0, piece.length, 1);
  assembly.drop(1);
  assert.not(assembly.has(1));
  assembly.add(2, piece, 0, 10, 0);
  const { bytes, length } = assembly.take(2);
  assert.is(bytes, first);
  assert.is(length, 10);
});

test("a large announced length allocates no memory before the octets come", () => {
  const assembly = new MessageAssembly();
  assembly.add(0, Buffer.alloc(100), 0, 100, 400e6);
  assembly.add(0, Buffer.alloc(100_000), 0, 100_000, 400e6 - 100_000);
  assert.ok(assembly.take(0).bytes.length < 1e6);
});

test.run();
