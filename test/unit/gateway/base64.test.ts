import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  Base64Reader,
  base64Bytes,
  base64Octets,
  writeBase64,
} from "../../../src/gateway/base64.ts";
import { seededRandom } from "../../../src/random.ts";

const random = seededRandom(1, 1);
const octets = (length: number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** Reads `text` in two pieces; returns null if it is not base64. */
function read(text: string, cut: number): Buffer | null {
  const digits = Buffer.from(text, "latin1");
  const out = Buffer.alloc(base64Octets(digits.length) + 1, 0xee);
  const reader = new Base64Reader();
  reader.begin(1);
  for (const [start, end] of [
    [0, cut],
    [cut, digits.length],
  ] as const) {
    if (reader.read(digits, start, end, out) !== end) return null;
  }
  if (!reader.end(out)) return null;
  assert.is(out[0], 0xee);
  return out.subarray(1, reader.at);
}

test("octets of every length are written as Node writes them, at the given place", () => {
  for (let length = 0; length < 40; length++) {
    const bytes = octets(length + 3);
    const out = Buffer.alloc(base64Bytes(length) + 2, 0xee);
    assert.is(writeBase64(bytes, 2, length + 2, out, 1), base64Bytes(length) + 1);
    const text = bytes.subarray(2, length + 2).toString("base64");
    assert.is(out.toString("latin1"), `\xee${text}\xee`);
  }
});

test("base64 is read in any two pieces, in both alphabets, with and without padding", () => {
  for (let length = 0; length < 20; length++) {
    const bytes = octets(length);
    for (const text of [bytes.toString("base64"), bytes.toString("base64url")]) {
      for (let cut = 0; cut <= text.length; cut++) assert.equal(read(text, cut), bytes);
    }
  }
});

test("invalid base64 is refused", () => {
  for (const text of ["A", "AAAAA", "AA=", "A===", "AA==A", "AA=A", "=", "AAAA=", "AA AA", "Ä+"]) {
    for (let cut = 0; cut <= text.length; cut++) assert.is(read(text, cut), null, `${text} ${cut}`);
  }
});

test.run();
