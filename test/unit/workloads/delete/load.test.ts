/** The octets of delete requests, and the number of deleted keys read from a response. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { CallMode, type RequestTemplate, type Transport } from "../../../../src/wire/transport.ts";
import { Delete } from "../../../../src/workloads/delete/load.ts";
import { StepRig } from "../step-rig.ts";

const [SHARE] = splitLoad({ connections: 1, clients: 4, workers: 1 }, ["a:1"]);

const transport = {
  template(path: string, message: Uint8Array, mode?: number): RequestTemplate {
    assert.is(mode, CallMode.UNARY_ANSWER, "the answer is wanted");
    return { path, bytes: Buffer.concat([Buffer.alloc(14), message]), messageOffset: 14 };
  },
} as unknown as Transport;

function source(keySizeBytes: number): Delete {
  const order = { keySpaceSize: 3, sequential: true, prefix: "" } as const;
  const keys: KeySpace = { keySizeBytes, ...order, popularity: "uniform", encoding: "fixed" };
  return new Delete(keys, 7, SHARE!, transport);
}

test("each request deletes only the next key, and a restarted phase begins at the first key", () => {
  for (const keySize of [1, 8, 127, 128, 300]) {
    const deletes = source(keySize);
    const keyOf = (ticket: number) => {
      const { path, bytes, messageOffset } = deletes.request(ticket);
      assert.is(path, "/etcdserverpb.KV/DeleteRange");
      const message = bytes.subarray(messageOffset);
      const read = decodeMessage<{ key: Buffer; rangeEnd: Buffer }>(
        "etcdserverpb.DeleteRangeRequest",
        message,
      );
      assert.is(read.rangeEnd.length, 0);
      assert.is(read.key.length, keySize);
      return read.key[keySize - 1];
    };
    const indices = Array.from({ length: 5 }, () => keyOf(deletes.next()));
    assert.equal(indices, [0, 1, 2, 0, 1]);
    deletes.restart();
    assert.is(keyOf(deletes.next()), 0);
  }
});

test("the number of deleted keys is read from a response at any place in the buffer", () => {
  const { reader } = source(8);
  const header = {
    clusterId: "14841639068965178418",
    memberId: "2",
    revision: "300",
    raftTerm: "2",
  };
  for (const deleted of [0, 1, 127, 128, 300_000, 2 ** 40]) {
    const fields = deleted === 0 ? { header } : { header, deleted };
    const answer = encodeMessage("etcdserverpb.DeleteRangeResponse", fields);
    const bytes = Buffer.concat([Buffer.from([1, 2, 3]), answer, Buffer.from([16, 9])]);
    for (const status of [Status.OK, Status.UNAVAILABLE]) {
      const rig = new StepRig();
      reader.begin(2);
      reader.read(2, bytes, 3, 3 + answer.length);
      reader.ended(2, status, rig);
      assert.equal(rig.counts, status === Status.OK ? { deleted } : {});
    }
  }
});

test.run();
