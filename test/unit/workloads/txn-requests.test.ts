/** The octets of transactions, read through the .proto files. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KeySpace } from "../../../src/plan/key-space.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { decodeMessage } from "../../../src/protos.ts";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import type { CallListener, Transport } from "../../../src/wire/transport.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { keySpaceRange } from "../../../src/workloads/parts/keys/key-writer.ts";
import { TxnRange } from "../../../src/workloads/txn-mixed/load.ts";
import { TxnPut } from "../../../src/workloads/txn-put/load.ts";

const OPTIONS = { connectionEndpoints: [], slotConnections: [], listener: {} as CallListener };

const TRANSPORTS: [name: string, make: () => Transport][] = [
  ["wire", () => new WireTransport(OPTIONS)],
  ["grpc-js", () => new GrpcJsTransport(OPTIONS)],
];

const SHARES = splitLoad({ connections: 2, clients: 4, workers: 2 }, ["a:1"]);
const [ALONE] = splitLoad({ connections: 1, clients: 4, workers: 1 }, ["a:1"]);

function keySpace(keySizeBytes: number, keySpaceSize: number): KeySpace {
  return {
    keySizeBytes,
    keySpaceSize,
    sequential: true,
    popularity: "uniform",
    prefix: "",
    encoding: "fixed",
  };
}

interface TxnRequest {
  compare: unknown[];
  success: { request: string; requestPut: { key: Buffer; value: Buffer; lease: string } }[];
  failure: unknown[];
}

function readTxn(template: { path: string; bytes: Buffer; messageOffset: number }): TxnRequest {
  assert.is(template.path, "/etcdserverpb.KV/Txn");
  return decodeMessage("etcdserverpb.TxnRequest", template.bytes.subarray(template.messageOffset));
}

function indicesOf(txn: TxnRequest): number[] {
  return txn.success.map(({ requestPut: { key } }) =>
    key.readUIntBE(Math.max(0, key.length - 2), Math.min(2, key.length)),
  );
}

test("a transaction with random keys starts at a drawn key and continues with the next ones", () => {
  const keys: KeySpace = { ...keySpace(8, 50), sequential: false, popularity: "zipfian" };
  const makeSource = () => {
    return new TxnPut(
      { keys, valSizeBytes: 8, valueSize: null, txnOps: 3 },
      7,
      ALONE!,
      TRANSPORTS[0]![1](),
    );
  };
  const source = makeSource();
  const firsts = Array.from({ length: 200 }, () => {
    const [first, ...more] = indicesOf(readTxn(source.request(source.next())));
    assert.equal(more, [(first! + 1) % 50, (first! + 2) % 50]);
    return first!;
  });
  assert.ok(new Set(firsts).size > 20, "drawn all over the space");
  source.restart();
  assert.is(source.next(), firsts[0]);
});

for (const [name, make] of TRANSPORTS) {
  test(`over ${name} a txn-put puts the next keys in order, each once, for all sizes`, () => {
    // Sizes where a length field grows by an octet or has the same octets as the key.
    for (const [keySize, valSize, txnOps] of [
      [8, 8, 3],
      [1, 0, 1],
      [1, 251, 5],
      [127, 1, 2],
      [128, 256, 4],
      [255, 16_384, 3],
      [256, 100_000, 2],
    ] as const) {
      const request = {
        keys: keySpace(keySize, 7),
        valSizeBytes: valSize,
        valueSize: null,
        txnOps,
      };
      const source = new TxnPut(request, 7, ALONE!, make());
      const values = new Set<string>();
      for (let txn = 0; txn < 6; txn++) {
        const read = readTxn(source.request(source.next()));
        assert.is(read.compare.length + read.failure.length, 0);
        const expected = Array.from({ length: txnOps }, (_, at) => (txn * txnOps + at) % 7);
        assert.equal(indicesOf(read), expected, `${keySize} ${valSize} ${txnOps}`);
        for (const { request: kind, requestPut } of read.success) {
          assert.is(kind, "requestPut");
          assert.is(requestPut.key.length, keySize);
          assert.is(requestPut.value.length, valSize);
          values.add(requestPut.value.toString("hex"));
        }
      }
      assert.is(values.size, 1);
    }
  });

  test(`over ${name} a txn-put can be built again from its ticket, and a restart repeats all`, () => {
    const request = { keys: keySpace(8, 1_000), valSizeBytes: 8, valueSize: null, txnOps: 4 };
    const source = new TxnPut(request, 7, ALONE!, make());
    const tickets = [source.next(), source.next()];
    const first = Buffer.from(source.request(tickets[0]!).bytes);
    source.request(tickets[1]!);
    assert.ok(source.request(tickets[0]!).bytes.equals(first));
    source.restart();
    assert.is(source.next(), tickets[0]);
  });
}

for (const [name, make] of TRANSPORTS) {
  test(`over ${name} a range of txn-mixed has its end, limit and consistency`, () => {
    const key = Buffer.from("from");
    const end = Buffer.from("to");
    const source = new TxnRange({ key, end, limit: 10, consistency: "serializable" }, make());
    const { success, compare } = readTxn(source.request());
    assert.is(compare.length, 0);
    const [operation] = success as unknown as { request: string; requestRange: object }[];
    assert.is(operation!.request, "requestRange");
    const { rangeEnd, limit, serializable, ...rest } = operation!.requestRange as {
      key: Buffer;
      rangeEnd: Buffer;
      limit: string;
      serializable: boolean;
    };
    assert.equal([rest.key, rangeEnd, limit, serializable], [key, end, "10", true]);
  });
}

test("the range of a key space contains its first and last key, and no other key of that size", () => {
  const { key, end } = keySpaceRange({ ...keySpace(4, 300), prefix: "a" });
  assert.is(key.toString("hex"), "61000000");
  assert.is(end!.toString("hex"), "6100012b00");
  const varint = { ...keySpace(4, 300), prefix: "a", encoding: "varint" } as const;
  assert.equal(keySpaceRange(varint), { key: Buffer.from("a"), end: Buffer.from("b") });
  const all = keySpaceRange({ ...varint, prefix: "" });
  assert.equal(all, { key: Buffer.from([0]), end: Buffer.from([0]) });
});

test("the transactions of all workers cover the keys without a gap or an overlap", () => {
  const request = { keys: keySpace(8, 100), valSizeBytes: 8, valueSize: null, txnOps: 5 };
  const indices = SHARES.flatMap((share) => {
    const source = new TxnPut(request, 7, share, TRANSPORTS[0]![1]());
    return Array.from({ length: 10 }, () =>
      indicesOf(readTxn(source.request(source.next()))),
    ).flat();
  });
  assert.equal(
    indices.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test.run();
