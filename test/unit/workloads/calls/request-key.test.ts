import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeMessage } from "../../../../src/protos.ts";
import { writeRequestKey } from "../../../../src/workloads/parts/calls/request-key.ts";

const KEY = Buffer.from("0a12ff/pods/a");

/** The key of a request whose message comes after three octets of a transport. */
function keyOf(method: string, message: Buffer, room = 64): string | null {
  const out = new Uint8Array(room);
  const bytes = Buffer.concat([Buffer.from([1, 2, 3]), message]);
  const template = { path: `/etcdserverpb.${method}`, bytes, messageOffset: 3 };
  const keyBytes = writeRequestKey(template, out);
  return keyBytes === 0 ? null : Buffer.from(out.subarray(0, keyBytes)).toString();
}

test("puts, ranges and deletes have their key, and transactions the key of their first operation", () => {
  const put = encodeMessage("etcdserverpb.PutRequest", { key: KEY, value: Buffer.from("v") });
  assert.is(keyOf("KV/Put", put), KEY.toString());
  const range = encodeMessage("etcdserverpb.RangeRequest", { key: KEY, limit: 7 });
  assert.is(keyOf("KV/Range", range), KEY.toString());
  const remove = encodeMessage("etcdserverpb.DeleteRangeRequest", { key: KEY });
  assert.is(keyOf("KV/DeleteRange", remove), KEY.toString());
  const compare = [{ key: Buffer.from("compared"), result: "EQUAL", target: "MOD" }];
  for (const first of [{ requestPut: { key: KEY } }, { requestRange: { key: KEY } }]) {
    const success = [first, { requestPut: { key: Buffer.from("other") } }];
    const txn = encodeMessage("etcdserverpb.TxnRequest", { compare, success });
    assert.is(keyOf("KV/Txn", txn), KEY.toString());
  }
});

test("no key is written for a request without one, or if the key does not fit", () => {
  const grant = encodeMessage("etcdserverpb.LeaseGrantRequest", { TTL: "10" });
  assert.is(keyOf("Lease/LeaseGrant", grant), null);
  assert.is(keyOf("KV/Txn", encodeMessage("etcdserverpb.TxnRequest", {})), null);
  const put = encodeMessage("etcdserverpb.PutRequest", { key: KEY });
  assert.is(keyOf("KV/Put", put, KEY.length), KEY.toString());
  assert.is(keyOf("KV/Put", put, KEY.length - 1), null);
});

test.run();
