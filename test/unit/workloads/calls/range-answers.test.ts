/** Reads range responses in pieces; any split gives what the .proto files read from the whole. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeMessage } from "../../../../src/protos.ts";
import {
  RangeAnswers,
  type RangeAnswersOptions,
} from "../../../../src/workloads/parts/calls/range-answers.ts";

const SLOT = 1;

interface Kv {
  key: Uint8Array;
  value: Uint8Array;
  modRevision: number;
  version: number;
}

interface Answer {
  header: { clusterId: string; memberId: string; revision: number; raftTerm: number };
  kvs: Kv[];
  more: boolean;
  count: number;
}

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const kv = fc.record<Kv>({
  key: bytes(200),
  value: bytes(300),
  modRevision: whole,
  version: whole,
});
const answers = fc.record<Answer>({
  header: fc.record({
    clusterId: fc.constant("14841639068965178418"),
    memberId: fc.constant("1"),
    revision: whole,
    raftTerm: whole,
  }),
  kvs: fc.array(kv, { maxLength: 6 }),
  more: fc.boolean(),
  count: whole,
});
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

/** Reads a message in pieces of these lengths, repeated, with other octets around each piece. */
function readInPieces(reader: RangeAnswers, message: Buffer, lengths: readonly number[]): void {
  let at = 0;
  for (let turn = 0; at < message.length; turn++) {
    const piece = message.subarray(at, at + lengths[turn % lengths.length]!);
    const lent = Buffer.concat([Buffer.from([0xff, 0xff]), piece, Buffer.from([0xff])]);
    reader.read(SLOT, lent, 2, 2 + piece.length);
    lent.fill(0xff);
    at += piece.length;
  }
}

function seen(message: Buffer, lengths: readonly number[], options: RangeAnswersOptions = {}) {
  const reader = new RangeAnswers(2, options);
  // An earlier response must leave no state.
  reader.read(SLOT, Buffer.from("12040a01612801", "hex"), 0, 7);
  reader.begin(SLOT);
  readInPieces(reader, message, lengths);
  return {
    keys: reader.keys[SLOT],
    bytes: reader.bytes[SLOT],
    ...(options.hasDetails
      ? {
          revision: reader.revision[SLOT],
          hasMore: reader.hasMore[SLOT] === 1,
          lastKey: reader.lastKey(SLOT).toString("hex"),
        }
      : {}),
  };
}

function encode(answer: Partial<Answer>): Buffer {
  return encodeMessage("etcdserverpb.RangeResponse", answer);
}

function detailsOf({ header, kvs, more }: Answer) {
  return {
    revision: header.revision,
    hasMore: more,
    lastKey: Buffer.from(kvs.at(-1)?.key ?? []).toString("hex"),
  };
}

test("keys and octets are counted for any split of the response", () => {
  fc.assert(
    fc.property(answers, cuts, (answer, lengths) => {
      const message = encode(answer);
      const counts = { keys: answer.kvs.length, bytes: message.length };
      assert.equal(seen(message, lengths), counts);
      const details = seen(message, lengths, { hasDetails: true });
      assert.equal(details, { ...counts, ...detailsOf(answer) });
    }),
  );
});

test("the parts of a stream are read as one response, with keys first and the header last", () => {
  fc.assert(
    fc.property(fc.array(answers, { minLength: 1, maxLength: 4 }), cuts, (all, lengths) => {
      const last = all.at(-1)!;
      const kvs = all.flatMap((answer) => answer.kvs);
      const parts = all.map((answer) => {
        const { header, more, count } = answer;
        const end = answer === last ? { header, more, count } : {};
        return encodeMessage("etcdserverpb.RangeStreamResponse", {
          rangeResponse: { kvs: answer.kvs, ...end },
        });
      });
      const message = Buffer.concat(parts);
      const counts = { keys: kvs.length, bytes: message.length };
      assert.equal(seen(message, lengths, { isStream: true }), counts);
      const details = seen(message, lengths, { isStream: true, hasDetails: true });
      assert.equal(details, { ...counts, ...detailsOf({ ...last, kvs }) });
    }),
  );
});

test("unknown fields are skipped, with any wire type and with long tags", () => {
  const unknown = Buffer.from(
    // Fields 9 (varint), 10 (64 bits), 11 (bytes that look like keys), 12 (32 bits), 3000 (bytes),
    // 288 (bytes; the second octet of its tag equals the tag of keys).
    "48ff01" +
      "510102030405060708" +
      "5a0412020a00" +
      "6512121212" +
      "c2bb01021212" +
      "821203121212",
    "hex",
  );
  const answer = encode({
    kvs: [{ key: Buffer.from("k"), value: unknown, modRevision: 3, version: 1 }],
  });
  const message = Buffer.concat([unknown, answer, unknown]);
  for (const length of [1, 2, 3, 1_000]) {
    const { keys, lastKey } = seen(message, [length], { hasDetails: true });
    assert.equal([keys, lastKey], [1, "6b"]);
  }
  for (let first = 1; first <= message.length; first++) {
    assert.is(seen(message, [first, message.length]).keys, 1);
  }
});

test("invalid octets are read to their end and reported as not whole", () => {
  const noMessages = [
    Buffer.from("0b", "hex"),
    Buffer.from("ff".repeat(30), "hex"),
    Buffer.concat([Buffer.from("12", "hex"), Buffer.from("80".repeat(10), "hex"), Buffer.alloc(5)]),
  ];
  for (const message of noMessages) {
    for (const length of [1, 7, 100]) {
      const reader = new RangeAnswers(2, { hasDetails: true });
      readInPieces(reader, message, [length]);
      assert.not(reader.isWhole(SLOT), message.toString("hex"));
      assert.is(reader.bytes[SLOT], message.length);
      reader.begin(SLOT);
      assert.ok(reader.isWhole(SLOT));
    }
  }
  fc.assert(
    fc.property(bytes(300), cuts, (octets, lengths) => {
      for (const isStream of [false, true]) {
        const reader = new RangeAnswers(2, { hasDetails: true, isStream });
        readInPieces(reader, Buffer.from(octets), lengths);
        assert.is(reader.bytes[SLOT], octets.length);
        assert.ok(reader.keys[SLOT]! <= octets.length);
      }
    }),
  );
});

test("a response is whole only if its octets end at the end of a field", () => {
  fc.assert(
    fc.property(answers, cuts, (answer, lengths) => {
      for (const isStream of [false, true]) {
        const part = encode(answer);
        const message = isStream
          ? encodeMessage("etcdserverpb.RangeStreamResponse", { rangeResponse: answer })
          : part;
        // The last field is of bytes, so removing one octet cuts it.
        const octets = Buffer.concat([message, Buffer.from("5a03616263", "hex")]);
        for (const hasDetails of [false, true]) {
          const reader = new RangeAnswers(2, { isStream, hasDetails });
          readInPieces(reader, octets, lengths);
          assert.ok(reader.isWhole(SLOT));
          reader.begin(SLOT);
          readInPieces(reader, octets.subarray(0, -1), lengths);
          assert.not(reader.isWhole(SLOT));
        }
      }
    }),
  );
  // A key whose length exceeds its key-value message.
  const key = Buffer.from("12030a0461626364", "hex");
  const reader = new RangeAnswers(2, { hasDetails: true });
  readInPieces(reader, key, [1]);
  assert.not(reader.isWhole(SLOT));
  // A key-value message whose length exceeds its part of a stream.
  const part = Buffer.from("0a021204", "hex");
  const stream = new RangeAnswers(2, { isStream: true });
  readInPieces(stream, Buffer.concat([part, Buffer.alloc(4)]), [1]);
  assert.not(stream.isWhole(SLOT));
});

test("slots are read independently", () => {
  const reader = new RangeAnswers(3, { hasDetails: true });
  const messages = ["a", "bb", "ccc"].map((key) =>
    encode({
      kvs: [{ key: Buffer.from(key), value: Buffer.alloc(9), modRevision: 5, version: 1 }],
    }),
  );
  const longest = Math.max(...messages.map(({ length }) => length));
  for (let at = 0; at < longest; at++) {
    for (const [slot, message] of messages.entries()) {
      if (at < message.length) reader.read(slot, message, at, at + 1);
    }
  }
  assert.equal(
    [0, 1, 2].map((slot) => String(reader.lastKey(slot))),
    ["a", "bb", "ccc"],
  );
  assert.equal([...reader.keys], [1, 1, 1]);
});

test.run();
