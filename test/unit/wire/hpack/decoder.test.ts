/** The HPACK decoder on valid, cut and malformed blocks. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type HpackDecoder, HpackError } from "../../../../src/wire/hpack/decoder.ts";
import { writeInteger } from "../../../../src/wire/hpack/integer.ts";
import { decode, decoderOf, literal, sizeUpdate } from "./decoded-blocks.ts";
import { tableOf } from "./dynamic-table-probe.ts";

function assertRefused(decoder: HpackDecoder, bytes: readonly number[], reason: RegExp): void {
  assert.throws(
    () => decode(decoder, [...bytes]),
    (error: unknown) => error instanceof HpackError && reason.test(error.message),
  );
}

test("only the octets between start and end are read", () => {
  const block = Uint8Array.from([0xff, 0x82, 0x88, 0xff]);
  const { names, values } = decoderOf().decode(block, 1, 3);
  assert.equal(
    [names, values],
    [
      [":method", ":status"],
      ["GET", "200"],
    ],
  );
});

test("a block cut inside a field is an error, and one cut between two fields is a shorter block", () => {
  const fields = [
    [0x88],
    literal(0x40, "grpc-status", "0"),
    literal(0x00, 31, "application/grpc"),
    literal(0x10, "token", "x".repeat(200)),
    // custom-key: custom-value, both in Huffman code (RFC 7541, C.4.3).
    [...Buffer.from("408825a849e95ba97d7f8925a849e95bb8e8b4bf", "hex")],
    [0xbe],
  ];
  const boundaries = new Map<number, number>([[0, 0]]);
  const block: number[] = [];
  for (const [index, field] of fields.entries()) {
    block.push(...field);
    boundaries.set(block.length, index + 1);
  }
  for (let length = 0; length <= block.length; length++) {
    const count = boundaries.get(length);
    if (count === undefined) {
      assertRefused(decoderOf(), block.slice(0, length), /ends inside/);
    } else {
      assert.is(decode(decoderOf(), block.slice(0, length)).names.length, count);
    }
  }
});

test("octets after the end of the block are not read", () => {
  // The string has three octets, and the block ends after two of them.
  const bytes = Uint8Array.from([...literal(0x00, "a", "bcd"), 0x82]);
  assert.throws(() => decoderOf().decode(bytes, 0, bytes.length - 2), /ends inside a string/);
});

test("index 0 and indices beyond both tables are errors, for fields and for names", () => {
  assertRefused(decoderOf(), [0x80], /index 0/);
  assertRefused(decoderOf(), [0xbe], /index 62/);
  assertRefused(decoderOf(), literal(0x40, 62, "x"), /index 62/);
  const decoder = decoderOf();
  decode(decoder, literal(0x40, "a", "b"));
  assert.equal(decode(decoder, literal(0x00, 62, "c")).names, ["a"]);
  assertRefused(decoder, [0xbf], /index 63/);
});

test("an integer that is too large or padded with empty octets is an error", () => {
  assertRefused(decoderOf(), [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], /too large/);
  assertRefused(decoderOf(), [0xff, ...Array(1000).fill(0x80), 0x00], /too large/);
  assertRefused(decoderOf(), [0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /too large/);
  assertRefused(decoderOf(), [0x00, 0x7f, 0xff, 0xff, 0xff, 0x7f], /too large/);
});

test("Huffman strings with EOS, padding of 8 bits or more, or padding of zeros are errors", () => {
  const huffman = (...octets: number[]) => [0x08, 0x80 | octets.length, ...octets];
  const valueFrom = (...octets: number[]) => decode(decoderOf(), huffman(...octets)).values[0];
  // "a" is 00011, and three ones pad it.
  assert.is(valueFrom(0x1f), "a");
  assert.is(valueFrom(), "");
  assertRefused(decoderOf(), huffman(0x18), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0x1f, 0xff), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0xff), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0xff, 0xff, 0xff, 0xff), /EOS/);
  // "?" is 1111111100, and the two zeros are missing: a code that is cut is not padding.
  assertRefused(decoderOf(), huffman(0x1f, 0xf8), /padded wrongly/);
});

test("the longest Huffman codes and those of octets that no header contains are read", () => {
  const huffman = (hex: string) => {
    const octets = [...Buffer.from(hex, "hex")];
    return decode(decoderOf(), [0x08, 0x80 | octets.length, ...octets]).values[0];
  };
  // NUL is 1111111111000; LF, CR and SYN are 28 ones followed by 00, 01 and 10 (appendix B).
  assert.is(huffman("ffc7"), "\0");
  assert.is(huffman("fffffff3"), "\n");
  assert.is(huffman("fffffff7"), "\r");
  assert.is(huffman("fffffffb"), "\x16");
});

test("a table size update is accepted up to our limit, and only at the beginning of a block", () => {
  const decoder = decoderOf({ table: 100 });
  decode(decoder, literal(0x40, "a", "b"));
  decode(decoder, sizeUpdate(0), sizeUpdate(100), literal(0x40, "c", "d"));
  assert.equal(tableOf(decoder), [["c", "d"]]);
  assertRefused(decoder, sizeUpdate(101), /above 100/);
  assertRefused(decoderOf(), [0x82, ...sizeUpdate(10)], /after a header field/);
});

test("the table keeps its default size until the peer sends a size update", () => {
  const decoder = decoderOf({ table: 65_536 });
  decode(decoder, literal(0x40, "a", "x".repeat(3000)));
  decode(decoder, literal(0x40, "b", "x".repeat(3000)));
  assert.is(tableOf(decoder).length, 1);
  decode(decoder, sizeUpdate(65_536), literal(0x40, "c", "x".repeat(3000)));
  assert.is(tableOf(decoder).length, 2);
});

test("after the limit is lowered below the table's content, a block must begin with a size update", () => {
  const full = () => {
    const decoder = decoderOf();
    decode(decoder, literal(0x40, "a", "b"), literal(0x40, "c", "d"));
    return decoder;
  };
  const silent = full();
  silent.setMaxTableSizeBytes(40);
  assertRefused(silent, [0x82], /size update is missing/);
  const larger = full();
  larger.setMaxTableSizeBytes(40);
  assertRefused(larger, sizeUpdate(41), /above 40/);
  const conformant = full();
  conformant.setMaxTableSizeBytes(40);
  decode(conformant, sizeUpdate(40));
  assert.equal(tableOf(conformant), [["c", "d"]]);
  const fits = full();
  fits.setMaxTableSizeBytes(68);
  assert.equal(tableOf(fits), [
    ["c", "d"],
    ["a", "b"],
  ]);
  decode(fits, literal(0x40, "e", "f"));
  assert.is(tableOf(fits).length, 2);
});

test("with a limit of 0 no entry is kept, with or without a size update to 0 from the peer", () => {
  const decoder = decoderOf({ table: 0 });
  assert.equal(decode(decoder, literal(0x40, "a", "b")).values, ["b"]);
  assert.equal(decode(decoder, sizeUpdate(0), literal(0x40, "a", "b")).values, ["b"]);
  assert.equal(tableOf(decoder), []);
  assertRefused(decoder, sizeUpdate(1), /above 0/);
});

test("a block is stateless unless it reads or changes the dynamic table", () => {
  const decoder = decoderOf();
  const isStateless = (...bytes: number[]) => decode(decoder, bytes).stateless;
  assert.is(isStateless(), true);
  assert.is(isStateless(0x88, ...literal(0x00, 31, "x"), ...literal(0x10, "a", "b")), true);
  assert.is(isStateless(...literal(0x40, "a", "b")), false);
  assert.is(isStateless(0xbe), false);
  assert.is(isStateless(...literal(0x00, 62, "b")), false);
  assert.is(isStateless(...sizeUpdate(4096), 0x88), false);
  // A table of size 0 has nothing to read and keeps nothing.
  const tableless = decoderOf({ table: 0 });
  assert.is(decode(tableless, sizeUpdate(0), literal(0x40, "a", "b")).stateless, true);
});

test("the size of a header list is bounded for every encoding of its fields", () => {
  // ":status: 200" counts 7 + 3 + 32.
  assert.is(decode(decoderOf({ list: 42 }), [0x88]).names.length, 1);
  assertRefused(decoderOf({ list: 41 }), [0x88], /larger than allowed/);
  assert.is(decode(decoderOf({ list: 34 }), literal(0x00, "a", "b")).names.length, 1);
  assertRefused(decoderOf({ list: 33 }), literal(0x00, "a", "b"), /larger than allowed/);
  assertRefused(decoderOf(), literal(0x00, "a", "x".repeat(17_000)), /larger than allowed/);
  assertRefused(decoderOf(), literal(0x00, "x".repeat(17_000), "a"), /larger than allowed/);
  // "a" is 5 bits: 10,400 octets of Huffman code become 16,640 of text.
  const code = Buffer.from("18c6318c63".repeat(2080), "hex");
  const coded: number[] = [0x08];
  writeInteger(coded, 7, 0x80, code.length);
  assertRefused(decoderOf(), [...coded, ...code], /larger than allowed/);
  assert.is(decode(decoderOf({ list: 20_000 }), [...coded, ...code]).values[0]!.length, 16_640);
  // The block refers to one table entry many times, with 1 octet each time.
  const decoder = decoderOf();
  decode(decoder, literal(0x40, "a", "x".repeat(4000)));
  assertRefused(decoder, Array(10).fill(0xbe), /larger than allowed/);
});

test.run();
