/** Recognizes header blocks seen before and distinguishes blocks that are nearly equal. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeHeaderBlock } from "../../../src/wire/hpack/encoder.ts";
import { KnownBlocks } from "../../../src/wire/known-blocks.ts";

const blocksOf = () =>
  new KnownBlocks(0, (names, values) => names.map((name, at) => `${name}=${values[at]}`).join());

/** Few letters, so that blocks often differ only in one octet or in their length. */
const text = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 9 });
const fields = fc.array(fc.tuple(text, text), { maxLength: 3 });

test("a block is read by its own octets, whatever came before and wherever it is in the buffer", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fields, fc.nat(9), fc.boolean()), { maxLength: 40 }), (came) => {
      const blocks = blocksOf();
      const shared = Buffer.alloc(400);
      for (const [each, offset, isShared] of came) {
        const block = encodeHeaderBlock(each);
        const bytes = isShared ? shared : Buffer.alloc(400);
        bytes.fill(0xff);
        bytes.set(block, offset);
        const meaning = blocks.read(bytes, offset, offset + block.length);
        assert.is(meaning, each.map(([name, value]) => `${name}=${value}`).join());
      }
    }),
  );
});

test("blocks that differ in one octet only are distinguished", () => {
  for (let length = 1; length <= 12; length++) {
    const blocks = blocksOf();
    const plain = "0".repeat(length);
    // The digits have Huffman codes of one length, so only one place differs.
    const texts = [
      plain,
      ...Array.from(plain, (_, at) => `${plain.slice(0, at)}1${plain.slice(at + 1)}`),
    ];
    for (const value of texts) {
      const block = encodeHeaderBlock([["n", value]]);
      assert.is(blocks.read(block, 0, block.length), `n=${value}`);
    }
  }
});

test("a block that was seen before is not decoded again", () => {
  let decoded = 0;
  const blocks = new KnownBlocks(0, () => {
    decoded += 1;
    return decoded;
  });
  const block = Buffer.from(encodeHeaderBlock([["grpc-status", "0"]]));
  const elsewhere = Buffer.concat([Buffer.alloc(7), block]);
  assert.is(blocks.read(block, 0, block.length), 1);
  assert.is(blocks.read(elsewhere, 7, elsewhere.length), 1);
  assert.is(decoded, 1);
});

test.run();
