/** Checks the examples of RFC 7541, appendix C, and the dynamic table after each. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HpackDecoder } from "../../../../src/wire/hpack/decoder.ts";
import { readInteger, writeInteger } from "../../../../src/wire/hpack/integer.ts";
import { tableOf } from "./dynamic-table-probe.ts";

type Field = readonly [name: string, value: string];

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

function decode(decoder: HpackDecoder, block: Buffer): Field[] {
  const { names, values } = decoder.decode(block, 0, block.length);
  return names.map((name, index) => [name, values[index]!]);
}

/** Decodes blocks of one connection in order; checks the fields and the table after each. */
function checkSequence(
  maxTableSizeBytes: number,
  blocks: readonly { hex: string; fields: Field[]; table: Field[] }[],
): void {
  const decoder = new HpackDecoder({ maxTableSizeBytes, maxHeaderListBytes: 16_384 });
  for (const block of blocks) {
    assert.equal(decode(decoder, hex(block.hex)), block.fields);
    assert.equal(tableOf(decoder), block.table);
  }
}

for (const [section, prefixBits, value, octets] of [
  ["C.1.1", 5, 10, "0a"],
  ["C.1.2", 5, 1337, "1f 9a 0a"],
  ["C.1.3", 8, 42, "2a"],
] as const) {
  test(`${section}: the integer ${value} with a prefix of ${prefixBits} bits`, () => {
    const bytes = hex(octets);
    const cursor = { bytes, position: 0, end: bytes.length };
    assert.is(readInteger(cursor, prefixBits), value);
    assert.is(cursor.position, bytes.length);
    const out: number[] = [];
    writeInteger(out, prefixBits, 0, value);
    assert.equal(Buffer.from(out), bytes);
  });
}

test("C.2.1: a literal with indexing", () => {
  const field: Field = ["custom-key", "custom-header"];
  checkSequence(4096, [
    {
      hex: "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      fields: [field],
      table: [field],
    },
  ]);
});

test("C.2.2 to C.2.4: a literal without indexing, one never indexed, an indexed field", () => {
  checkSequence(4096, [
    {
      hex: "040c 2f73 616d 706c 652f 7061 7468",
      fields: [[":path", "/sample/path"]],
      table: [],
    },
    {
      hex: "1008 7061 7373 776f 7264 0673 6563 7265 74",
      fields: [["password", "secret"]],
      table: [],
    },
    { hex: "82", fields: [[":method", "GET"]], table: [] },
  ]);
});

const AUTHORITY: Field = [":authority", "www.example.com"];
const NO_CACHE: Field = ["cache-control", "no-cache"];
const CUSTOM: Field = ["custom-key", "custom-value"];

function requests(first: string, second: string, third: string) {
  const get: Field[] = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
  ];
  const getIndexHtml: Field[] = [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
  ];
  return [
    { hex: first, fields: [...get, AUTHORITY], table: [AUTHORITY] },
    { hex: second, fields: [...get, AUTHORITY, NO_CACHE], table: [NO_CACHE, AUTHORITY] },
    {
      hex: third,
      fields: [...getIndexHtml, AUTHORITY, CUSTOM],
      table: [CUSTOM, NO_CACHE, AUTHORITY],
    },
  ];
}

test("C.3: three requests without Huffman coding", () => {
  checkSequence(
    4096,
    requests(
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ),
  );
});

test("C.4: three requests with Huffman coding", () => {
  checkSequence(
    4096,
    requests(
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ),
  );
});

const PRIVATE: Field = ["cache-control", "private"];
const AT_21: Field = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
const AT_22: Field = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"];
const LOCATION: Field = ["location", "https://www.example.com"];
const GZIP: Field = ["content-encoding", "gzip"];
const COOKIE: Field = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];

function responses(first: string, second: string, third: string) {
  return [
    {
      hex: first,
      fields: [[":status", "302"], PRIVATE, AT_21, LOCATION] as Field[],
      table: [LOCATION, AT_21, PRIVATE, [":status", "302"]] as Field[],
    },
    {
      hex: second,
      fields: [[":status", "307"], PRIVATE, AT_21, LOCATION] as Field[],
      table: [[":status", "307"], LOCATION, AT_21, PRIVATE] as Field[],
    },
    {
      hex: third,
      fields: [[":status", "200"], PRIVATE, AT_22, LOCATION, GZIP, COOKIE] as Field[],
      table: [COOKIE, GZIP, AT_22],
    },
  ];
}

test("C.5: three responses without Huffman coding, in a table of 256 bytes", () => {
  checkSequence(
    256,
    responses(
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
       2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
       6c65 2e63 6f6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
       54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
       5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
       3d31`,
    ),
  );
});

test("C.6: three responses with Huffman coding, in a table of 256 bytes", () => {
  checkSequence(
    256,
    responses(
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
       2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      "4883 640e ffc1 c0bf",
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
       77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
       9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ),
  );
});

test.run();
