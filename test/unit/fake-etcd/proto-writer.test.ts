/** Writes messages field by field, and reads them with the decoder of the .proto files. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProtoWriter } from "../../../src/fake-etcd/proto-writer.ts";
import { decodeMessage } from "../../../src/protos.ts";

interface KeyValue {
  key: Buffer;
  createRevision: string;
  modRevision: string;
  version: string;
  value: Buffer;
}

interface RangeResponse {
  kvs: KeyValue[];
  more: boolean;
  count: string;
}

test("a decoder reads the fields that were written, for several messages in sequence", () => {
  const writer = new ProtoWriter();
  const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const keyValue = fc.record(
    {
      key: fc.uint8Array({ maxLength: 200 }),
      createRevision: whole,
      modRevision: whole,
      version: whole,
      value: fc.uint8Array({ maxLength: 9_000 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(keyValue, { maxLength: 5 }), fc.boolean(), (kvs, more) => {
      const inner = kvs.map(({ key, createRevision, modRevision, version, value }) =>
        writer
          .bytes(1, key)
          .number(2, createRevision)
          .number(3, modRevision)
          .number(4, version)
          .bytes(5, value)
          .finish(),
      );
      for (const message of inner) writer.bytes(2, message);
      const message = writer.flag(3, more).number(4, kvs.length).finish();
      const read = decodeMessage<RangeResponse>("etcdserverpb.RangeResponse", message);
      assert.is(read.more, more);
      assert.is(read.count, String(kvs.length));
      assert.equal(
        read.kvs.map(({ key, createRevision, modRevision, version, value }) => ({
          key: Uint8Array.from(key),
          createRevision: Number(createRevision),
          modRevision: Number(modRevision),
          version: Number(version),
          value: Uint8Array.from(value),
        })),
        kvs,
      );
    }),
  );
});

test.run();
