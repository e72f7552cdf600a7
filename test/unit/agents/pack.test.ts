/** Packed messages are unpacked unchanged, and invalid bytes are refused. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pack, Unreadable, unpack } from "../../../src/agents/pack.ts";

const arrays = fc.oneof(
  fc.uint8Array().map((each) => Buffer.from(each)),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.float64Array({ noNaN: true }),
);
const messages = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true }).filter((each) => !Object.is(each, -0)),
    arrays,
    fc.array(tie("value")),
    fc.dictionary(fc.oneof(fc.string(), fc.constant("$")), tie("value"), { noNullPrototype: true }),
  ),
})).value;

const isUnreadable = (error: Error) => error instanceof Unreadable;
const isTypeError = (error: Error) => error instanceof TypeError;

test("a message is unpacked unchanged", () => {
  fc.assert(
    fc.property(messages, (message) => {
      assert.equal(unpack(pack(message)), message);
    }),
  );
});

test("undefined values are left out, and NaN stays NaN", () => {
  assert.equal(unpack(pack({ a: undefined, b: 1 })), { b: 1 });
  assert.ok(Number.isNaN(unpack(pack(Number.NaN))));
});

test("memory that threads share is one new shared memory in the copy", () => {
  const [one, other] = [new SharedArrayBuffer(8), new SharedArrayBuffer(3)];
  new Uint8Array(one).fill(7);
  const copy = unpack(pack([{ one }, other, { one, octets: new Uint8Array(2) }])) as [
    { one: SharedArrayBuffer },
    SharedArrayBuffer,
    { one: SharedArrayBuffer },
  ];
  assert.instance(copy[0].one, SharedArrayBuffer);
  assert.is(copy[0].one, copy[2].one);
  assert.is.not(copy[0].one, one);
  assert.equal([...new Uint8Array(copy[0].one)], new Array(8).fill(7));
  assert.is(copy[1].byteLength, 3);
});

test("a view of shared memory and other objects are refused", () => {
  assert.throws(() => pack(new Uint8Array(new SharedArrayBuffer(8))), isTypeError);
  for (const value of [new Map(), new Date(), () => 1])
    assert.throws(() => pack(value), isTypeError);
});

test("cut, changed or made-up bytes are refused or read, and never read beyond their end", () => {
  fc.assert(
    fc.property(messages, fc.nat(), fc.nat(255), (message, at, octet) => {
      const packed = pack(message);
      const changed = Buffer.from(packed);
      changed[at % changed.length] = octet;
      for (const bytes of [packed.subarray(0, at % packed.length), changed]) {
        try {
          unpack(bytes);
        } catch (error) {
          assert.instance(error, Unreadable);
        }
      }
    }),
  );
  const deep = Buffer.from(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(deep.length);
  assert.throws(() => unpack(Buffer.concat([length, deep])), isUnreadable);
  for (const text of ['{"$":["u8",1e9]}', '{"$":["u8",-1]}', '{"$":["__proto__",1]}', '{"$":{}}']) {
    const bytes = Buffer.concat([Buffer.of(text.length, 0, 0, 0), Buffer.from(text)]);
    assert.throws(() => unpack(bytes), isUnreadable);
  }
});

test.run();
