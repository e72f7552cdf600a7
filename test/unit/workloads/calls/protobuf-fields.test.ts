/** Finds single fields in protobuf messages that the encoder of the .proto files wrote. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeMessage } from "../../../../src/protos.ts";
import {
  findField,
  found,
  varintField,
} from "../../../../src/workloads/parts/calls/protobuf-fields.ts";

const header = { clusterId: "18446744073709551615", memberId: "1", revision: "300", raftTerm: "2" };

test("numbers and bytes are found between any other octets", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.uint8Array({ maxLength: 4 }),
      (key, revision, margin) => {
        const message = encodeMessage("mvccpb.KeyValue", {
          key,
          modRevision: revision,
          version: 7,
        });
        const bytes = Buffer.concat([margin, message, margin]);
        const start = margin.length;
        const end = start + message.length;
        assert.is(varintField(bytes, start, end, 3), revision);
        assert.is(varintField(bytes, start, end, 4), 7);
        assert.is(varintField(bytes, start, end, 2), 0);
        assert.ok(findField(bytes, start, end, 1));
        assert.equal(bytes.subarray(found.start, found.end), Buffer.from(key));
      },
    ),
  );
});

test("a field of a nested message is found in two steps", () => {
  const bytes = encodeMessage("etcdserverpb.LeaseGrantResponse", { header, ID: "77", TTL: "9" });
  assert.ok(findField(bytes, 0, bytes.length, 1));
  assert.is(varintField(bytes, found.start, found.end, 3), 300);
  assert.is(varintField(bytes, 0, bytes.length, 2), 77);
  assert.is(varintField(bytes, 0, bytes.length, 3), 9);
});

test("a cut message or random octets have no field beyond their end, and never cause an exception", () => {
  const bytes = encodeMessage("etcdserverpb.LeaseGrantResponse", { header, ID: "77", TTL: "9" });
  for (let end = 0; end < bytes.length; end++) assert.is(varintField(bytes, 0, end, 3, -1), -1);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      if (!findField(noise, 0, noise.length, 3)) return;
      assert.ok(found.start > 0 && found.start <= found.end && found.end <= noise.length);
    }),
  );
});

test.run();
