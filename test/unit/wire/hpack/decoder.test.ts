/** The HPACK decoder on blocks that are right, cut or wrong. */
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

test("a block is read between start and end only", () => {
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

test("a block cut anywhere inside a field is an error, between two fields a shorter block", () => {
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

test("octets after the end of the block are not looked at", () => {
  // A string of three octets of which the block holds two.
  const bytes = Uint8Array.from([...literal(0x00, "a", "bcd"), 0x82]);
  assert.throws(() => decoderOf().decode(bytes, 0, bytes.length - 2), /ends inside a string/);
});

test("index 0 and indices beyond both tables are errors, in fields and in names", () => {
  assertRefused(decoderOf(), [0x80], /index 0/);
  assertRefused(decoderOf(), [0xbe], /index 62/);
  assertRefused(decoderOf(), literal(0x40, 62, "x"), /index 62/);
  const decoder = decoderOf();
  decode(decoder, literal(0x40, "a", "b"));
  assert.equal(decode(decoder, literal(0x00, 62, "c")).names, ["a"]);
  assertRefused(decoder, [0xbf], /index 63/);
});

test("an integer that is too large, or goes on with empty octets, is an error", () => {
  assertRefused(decoderOf(), [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], /too large/);
  assertRefused(decoderOf(), [0xff, ...Array(1000).fill(0x80), 0x00], /too large/);
  assertRefused(decoderOf(), [0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /too large/);
  assertRefused(decoderOf(), [0x00, 0x7f, 0xff, 0xff, 0xff, 0x7f], /too large/);
});

test("Huffman strings with EOS, long padding or padding of zeros are errors", () => {
  const huffman = (...octets: number[]) => [0x08, 0x80 | octets.length, ...octets];
  const valueFrom = (...octets: number[]) => decode(decoderOf(), huffman(...octets)).values[0];
  // "a" is 00011; three ones pad it.
  assert.is(valueFrom(0x1f), "a");
  assert.is(valueFrom(), "");
  assertRefused(decoderOf(), huffman(0x18), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0x1f, 0xff), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0xff), /padded wrongly/);
  assertRefused(decoderOf(), huffman(0xff, 0xff, 0xff, 0xff), /EOS/);
  // "?" is 1111111100, of which only the ones are there: a code cut short is no padding.
  assertRefused(decoderOf(), huffman(0x1f, 0xf8), /padded wrongly/);
});

test("the longest codes and those of octets that no header holds are read", () => {
  const huffman = (hex: string) => {
    const octets = [...Buffer.from(hex, "hex")];
    return decode(decoderOf(), [0x08, 0x80 | octets.length, ...octets]).values[0];
  };
  // NUL is 1111111111000, LF, CR and SYN 28 ones and 00, 01, 10 (appendix B).
  assert.is(huffman("ffc7"), "\0");
  assert.is(huffman("fffffff3"), "\n");
  assert.is(huffman("fffffff7"), "\r");
  assert.is(huffman("fffffffb"), "\x16");
});

test("a table size update is taken up to our limit, at the beginning of a block only", () => {
  const decoder = decoderOf({ table: 100 });
  decode(decoder, literal(0x40, "a", "b"));
  decode(decoder, sizeUpdate(0), sizeUpdate(100), literal(0x40, "c", "d"));
  assert.equal(tableOf(decoder), [["c", "d"]]);
  assertRefused(decoder, sizeUpdate(101), /above 100/);
  assertRefused(decoderOf(), [0x82, ...sizeUpdate(10)], /after a header field/);
});

test("a table does not grow past its default before the peer says so", () => {
  const decoder = decoderOf({ table: 65_536 });
  decode(decoder, literal(0x40, "a", "x".repeat(3000)));
  decode(decoder, literal(0x40, "b", "x".repeat(3000)));
  assert.is(tableOf(decoder).length, 1);
  decode(decoder, sizeUpdate(65_536), literal(0x40, "c", "x".repeat(3000)));
  assert.is(tableOf(decoder).length, 2);
});

test("a limit lowered below what the table holds must be answered by a size update", () => {
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

test("with a limit of 0 nothing is kept, and a silent or a clearing peer is understood", () => {
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
  // Without a table nothing can be read from it or put into it.
  const tableless = decoderOf({ table: 0 });
  assert.is(decode(tableless, sizeUpdate(0), literal(0x40, "a", "b")).stateless, true);
});

test("a header list is bounded, whichever way its octets come", () => {
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
  // An entry of the table named again and again: 1 octet each in the block.
  const decoder = decoderOf();
  decode(decoder, literal(0x40, "a", "x".repeat(4000)));
  assertRefused(decoder, Array(10).fill(0xbe), /larger than allowed/);
});

test.run();
