import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HpackDecoder } from "../../../../src/wire/hpack/decoder.ts";
import { encodeHeaderBlock } from "../../../../src/wire/hpack/encoder.ts";
import { cases } from "../../../harness/whole-run.ts";

function hexOf(...headers: (readonly [string, string])[]): string {
  return Buffer.from(encodeHeaderBlock(headers)).toString("hex");
}

test("a field that is in the static table takes one octet", () => {
  assert.is(hexOf([":method", "POST"], [":scheme", "http"], [":path", "/"]), "838684");
});

test("other fields are literals without indexing, with a static name if there is one", () => {
  assert.is(hexOf([":path", "/a"]), "04022f61");
  // The index of content-type is 31: 15 in the prefix and 16 more.
  assert.is(hexOf(["content-type", "x"]), "0f100178");
  assert.is(hexOf(["te", "x"]), "0002746501" + "78");
});

test("credentials are never indexed, whether their name is in the static table or not", () => {
  assert.is(hexOf(["authorization", "x"]), "1f080178");
  assert.is(hexOf(["token", "x"]), "1005746f6b656e0178");
  assert.is(hexOf(["authorization", ""]), "1f0800");
});

test("a field that HTTP/2 does not allow is refused, and the error does not show its value", () => {
  const refuse = (name: string, value: string, text: string) =>
    assert.throws(
      () => encodeHeaderBlock([[name, value]]),
      (error: unknown) =>
        error instanceof TypeError && error.message.includes(text) && !/secret/.test(error.message),
    );
  for (const name of ["Upper", "", ":", "a b", "a:b", "a\n", "é"]) refuse(name, "secret", "name");
  for (const value of ["secret\r\nx: y", "secret\0", " secret", "secret\t", "secret\u0100"]) {
    refuse("token", value, "header token");
  }
});

test("encoded headers decode to the same headers, and the block is stateless", () => {
  const name = fc.oneof(
    fc.constantFrom(":path", ":authority", "content-type", "authorization", "token", "te"),
    fc.string({ unit: fc.constantFrom(..."abcz09-_.~"), minLength: 1, maxLength: 300 }),
  );
  const octet = fc.oneof(
    fc.integer({ min: 0x21, max: 0x7e }),
    fc.integer({ min: 0x80, max: 0xff }),
  );
  const value = fc.array(octet, { maxLength: 300 }).map((octets) => String.fromCharCode(...octets));
  const decoder = new HpackDecoder({ maxTableSizeBytes: 4096, maxHeaderListBytes: 1 << 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 10 }), (headers) => {
      const block = encodeHeaderBlock(headers);
      const { names, values, stateless } = decoder.decode(block, 0, block.length);
      assert.equal(
        names.map((decoded, index) => [decoded, values[index]]),
        headers,
      );
      assert.ok(stateless);
    }),
    { seed: 7541, numRuns: cases(300) },
  );
});

test.run();
