/** Writes numbers into templates as padded varints, and reads them through the .proto files. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import {
  copyPadded,
  PADDED_BYTES,
  PLACEHOLDER,
  PLACEHOLDER_VALUE,
  varintBytes,
  writePadded,
} from "../../../../src/workloads/parts/calls/padded-varint.ts";
import { findField, found } from "../../../../src/workloads/parts/calls/protobuf-fields.ts";

const TYPE = "etcdserverpb.LeaseRevokeRequest";

function patched(patch: (bytes: Buffer, offset: number) => void): string {
  const bytes = encodeMessage(TYPE, { ID: PLACEHOLDER_VALUE });
  const offset = bytes.indexOf(PLACEHOLDER);
  assert.is(offset + PADDED_BYTES, bytes.length);
  patch(bytes, offset);
  return decodeMessage<{ ID: string }>(TYPE, bytes).ID;
}

test("a number of any size is read back unchanged", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (value) => {
      assert.is(
        patched((bytes, offset) => writePadded(bytes, offset, value)),
        String(value),
      );
    }),
  );
});

test("varintBytes is the length of the varint without padding", () => {
  const tagBytes = 1;
  fc.assert(
    fc.property(fc.nat({ max: 53 }), (bits) => {
      for (const value of [2 ** bits - 1, 2 ** bits].filter(Number.isSafeInteger)) {
        const message = encodeMessage(TYPE, { ID: String(value) });
        assert.is(varintBytes(value), message.length - tagBytes);
      }
    }),
  );
});

test("all 64 bits of a lease's id are copied from a response, and from the copy into a request", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (id) => {
      const answer = encodeMessage("etcdserverpb.LeaseGrantResponse", { ID: String(id) });
      assert.ok(findField(answer, 0, answer.length, 2));
      const kept = new Uint8Array(PADDED_BYTES);
      copyPadded(answer, found.start, found.end, kept, 0);
      const again = (bytes: Buffer, offset: number) =>
        copyPadded(kept, 0, PADDED_BYTES, bytes, offset);
      assert.is(patched(again), String(id));
    }),
  );
});

test.run();
