/** The octets of put and range requests, read through the .proto files. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitLoad } from "../../../src/plan/shares.ts";
import { decodeMessage } from "../../../src/protos.ts";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import type { CallListener, Transport } from "../../../src/wire/transport.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { offsetOfField } from "../../../src/workloads/parts/calls/template.ts";
import { Put } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { Range } from "../../../src/workloads/range/range.ts";

const listener = {} as CallListener;

const TRANSPORTS: [name: string, make: () => Transport][] = [
  ["wire", () => new WireTransport({ connectionEndpoints: [], slotConnections: [], listener })],
  [
    "grpc-js",
    () => new GrpcJsTransport({ connectionEndpoints: [], slotConnections: [], listener }),
  ],
];

const [SHARE] = splitLoad({ connections: 1, clients: 4, workers: 1 }, ["a:1"]);

function putPlan(keySizeBytes: number, valSizeBytes: number): PutWorkload {
  return {
    kind: "put",
    keys: {
      keySizeBytes,
      keySpaceSize: 200,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes,
    valueSize: null,
  };
}

interface PutRequest {
  key: Buffer;
  value: Buffer;
}

function readPut(template: { bytes: Buffer; messageOffset: number }): PutRequest {
  return decodeMessage("etcdserverpb.PutRequest", template.bytes.subarray(template.messageOffset));
}

for (const [name, make] of TRANSPORTS) {
  test(`over ${name} a put has its key and the run's one value, for all sizes`, () => {
    // 127, 128 and 255: the length field grows, or has the same octets as the key.
    for (const [keySize, valSize] of [
      [8, 8],
      [1, 0],
      [127, 1],
      [128, 256],
      [255, 16_384],
      [256, 1_000_000],
    ] as const) {
      const put = new Put(putPlan(keySize, valSize), 7, SHARE!, make());
      let value: Buffer | undefined;
      for (let index = 0; index < 5; index++) {
        const ticket = put.next();
        assert.is(ticket, index);
        const template = put.request(ticket);
        assert.is(template.path, "/etcdserverpb.KV/Put");
        const request = readPut(template);
        assert.is(request.key.length, keySize);
        assert.is(request.key.readUIntBE(Math.max(0, keySize - 2), Math.min(2, keySize)), index);
        assert.is(request.value.length, valSize);
        value ??= Buffer.from(request.value);
        assert.ok(request.value.equals(value), "the value changed");
      }
      if (valSize >= 256) assert.ok(new Set(value!).size > 100, "the value is not random");
    }
  });

  test(`over ${name} a put can be built again from its ticket`, () => {
    const put = new Put(putPlan(8, 8), 7, SHARE!, make());
    const tickets = [put.next(), put.next(), put.next()];
    const first = Buffer.from(put.request(tickets[0]!).bytes);
    put.request(tickets[2]!);
    assert.ok(put.request(tickets[0]!).bytes.equals(first));
  });

  test(`over ${name} a range has its key, end and consistency`, () => {
    const key = Buffer.from("from");
    for (const [end, consistency] of [
      [null, "linearizable"],
      [Buffer.from("to"), "serializable"],
    ] as const) {
      const range = new Range({ key, end, consistency }, 1, make());
      const template = range.request();
      assert.is(template.path, "/etcdserverpb.KV/Range");
      const read = decodeMessage<{ key: Buffer; rangeEnd: Buffer; serializable: boolean }>(
        "etcdserverpb.RangeRequest",
        template.bytes.subarray(template.messageOffset),
      );
      assert.equal(read.key, key);
      assert.equal(read.rangeEnd, end ?? Buffer.alloc(0));
      assert.is(read.serializable, consistency === "serializable");
    }
  });
}

test("the wire's template is a DATA frame with END_STREAM and an uncompressed prefix", () => {
  const transport = TRANSPORTS[0]![1]();
  const { bytes, messageOffset } = transport.template("/a.B/C", Buffer.from("message"));
  assert.is(messageOffset, 14);
  assert.is(bytes.toString("hex", 0, 14), "00000c000100000000" + "0000000007");
  assert.is(bytes.toString("latin1", 14), "message");
});

test("the same seed gives the same value, and another seed gives another", () => {
  const value = (seed: number) => {
    const put = new Put(putPlan(8, 32), seed, SHARE!, TRANSPORTS[0]![1]());
    return readPut(put.request(0)).value.toString("hex");
  };
  assert.is(value(1), value(1));
  assert.is.not(value(1), value(2));
});

test("searching a field that the message does not contain throws an error", () => {
  assert.is(offsetOfField(Buffer.from("abcd"), Buffer.from("cd")), 2);
  assert.throws(() => offsetOfField(Buffer.from("abcd"), Buffer.from("x")), /does not hold/);
});

test("a range requests what its options ask for, and nothing else", () => {
  const key = Buffer.from("a");
  const end = Buffer.from("b");
  const read = (more: Partial<ConstructorParameters<typeof Range>[0]>) => {
    const [, make] = TRANSPORTS[0]!;
    const range = new Range({ key, end, consistency: "linearizable", ...more }, 1, make());
    const { bytes, messageOffset } = range.request();
    const { limit, keysOnly, countOnly, sortOrder, sortTarget } = decodeMessage(
      "etcdserverpb.RangeRequest",
      bytes.subarray(messageOffset),
    );
    return [limit, keysOnly, countOnly, sortOrder, sortTarget];
  };
  const plain = ["0", false, false, "NONE", "KEY"];
  assert.equal(read({}), plain);
  assert.equal(read({ limit: null, content: "all", sort: null }), plain);
  assert.equal(read({ limit: 500 }), ["500", false, false, "NONE", "KEY"]);
  assert.equal(read({ content: "keys" }), ["0", true, false, "NONE", "KEY"]);
  assert.equal(read({ content: "count" }), ["0", false, true, "NONE", "KEY"]);
  assert.equal(read({ sort: { by: "mod", order: "descend" } }), [
    ...["0", false, false],
    ...["DESCEND", "MOD"],
  ]);
  assert.equal(read({ sort: { by: "key", order: "ascend" } }), [
    ...["0", false, false],
    ...["ASCEND", "KEY"],
  ]);
});

test.run();
