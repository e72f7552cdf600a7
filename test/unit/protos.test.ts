/** Tests encoding and decoding messages against bytes of etcd's API. */
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/package-root.ts";
import { PROTO_DEFINITIONS } from "../../src/proto-definitions.ts";
import { readProtoFiles } from "../../src/proto-files.ts";
import { decodeMessage, encodeMessage, serviceDefinition } from "../../src/protos.ts";

/** Messages encoded by hand from etcd's API: type, value, bytes in hex. */
const KNOWN: [type: string, value: object, hex: string][] = [
  ["etcdserverpb.PutRequest", { key: b("foo"), value: b("bar") }, "0a03666f6f1203626172"],
  [
    "etcdserverpb.PutRequest",
    { key: b("k"), lease: "-1", prevKv: true, ignoreValue: true, ignoreLease: true },
    "0a016b18ffffffffffffffffff01200128013001",
  ],
  [
    "etcdserverpb.RangeRequest",
    { key: b("a"), rangeEnd: b("b"), limit: 300, revision: 7, serializable: true },
    "0a0161120162" + "18ac02" + "2007" + "3801",
  ],
  [
    "etcdserverpb.RangeRequest",
    { sortOrder: "DESCEND", sortTarget: "MOD", keysOnly: true, countOnly: true },
    "2802" + "3003" + "4001" + "4801",
  ],
  [
    "etcdserverpb.RangeRequest",
    { minModRevision: 1, maxModRevision: 2, minCreateRevision: 3, maxCreateRevision: 4 },
    "5001" + "5802" + "6003" + "6804",
  ],
  [
    "etcdserverpb.DeleteRangeRequest",
    { key: b("a"), rangeEnd: b("b"), prevKv: true },
    "0a01611201621801",
  ],
  [
    "etcdserverpb.TxnRequest",
    {
      compare: [{ result: "EQUAL", target: "MOD", key: b("k"), modRevision: 0 }],
      success: [{ requestPut: { key: b("k"), value: b("v") } }],
      failure: [{ requestRange: { key: b("k") } }, { requestDeleteRange: { key: b("k") } }],
    },
    "0a09" +
      "0800" +
      "1002" +
      "1a016b" +
      "3000" +
      "1208" +
      "1206" +
      "0a016b120176" +
      "1a05" +
      "0a03" +
      "0a016b" +
      "1a05" +
      "1a03" +
      "0a016b",
  ],
  ["etcdserverpb.Compare", { rangeEnd: b("z"), lease: 5 }, "4005" + "82" + "04017a"],
  ["etcdserverpb.RequestOp", { requestTxn: {} }, "2200"],
  ["etcdserverpb.CompactionRequest", { revision: 9, physical: true }, "08091001"],
  ["etcdserverpb.RangeStreamResponse", { rangeResponse: { more: true, count: 2 } }, "0a0418012002"],
  [
    "etcdserverpb.WatchRequest",
    {
      createRequest: {
        key: b("k"),
        startRevision: 3,
        progressNotify: true,
        filters: ["NODELETE"],
        prevKv: true,
        watchId: 2,
        fragment: true,
      },
    },
    "0a10" + "0a016b" + "1803" + "2001" + "2a0101" + "3001" + "3802" + "4001",
  ],
  ["etcdserverpb.WatchRequest", { cancelRequest: { watchId: 1 } }, "12020801"],
  ["etcdserverpb.WatchRequest", { progressRequest: {} }, "1a00"],
  [
    "etcdserverpb.WatchResponse",
    {
      watchId: 1,
      created: true,
      canceled: true,
      compactRevision: 4,
      cancelReason: "x",
      fragment: true,
      events: [{ type: "DELETE" }],
    },
    "1001" + "1801" + "2001" + "2804" + "320178" + "3801" + "5a020801",
  ],
  [
    "mvccpb.KeyValue",
    { key: b("k"), createRevision: 1, modRevision: 2, version: 3, value: b("v"), lease: 4 },
    "0a016b1001180220032a01763004",
  ],
  ["mvccpb.Event", { kv: {}, prevKv: {} }, "12001a00"],
  ["etcdserverpb.LeaseGrantRequest", { TTL: 100, ID: 7 }, "08641007"],
  ["etcdserverpb.LeaseKeepAliveResponse", { ID: 7, TTL: 100 }, "10071864"],
  ["etcdserverpb.LeaseTimeToLiveResponse", { grantedTTL: 1, keys: [b("k")] }, "20012a016b"],
  [
    "etcdserverpb.Member",
    { ID: 1, name: "n", peerURLs: ["p"], clientURLs: ["c"], isLearner: true },
    "080112016e1a0170220163" + "2801",
  ],
  ["etcdserverpb.MemberListRequest", { linearizable: true }, "0801"],
  [
    "etcdserverpb.ResponseHeader",
    { clusterId: 1, memberId: "18446744073709551615", revision: 3, raftTerm: 4 },
    "080110ffffffffffffffffff0118032004",
  ],
  [
    "etcdserverpb.StatusResponse",
    {
      version: "3",
      dbSize: 1,
      leader: 2,
      raftIndex: 3,
      raftTerm: 4,
      raftAppliedIndex: 5,
      errors: ["e"],
      dbSizeInUse: 6,
      isLearner: true,
      storageVersion: "s",
      dbSizeQuota: 7,
      downgradeInfo: { enabled: true },
    },
    "120133" +
      "1801" +
      "2002" +
      "2803" +
      "3004" +
      "3805" +
      "420165" +
      "4806" +
      "5001" +
      "5a0173" +
      "6007" +
      "6a020801",
  ],
  ["etcdserverpb.HashKVResponse", { hash: 1, compactRevision: 2, hashRevision: 3 }, "100118022003"],
  ["etcdserverpb.MoveLeaderRequest", { targetID: 5 }, "0805"],
  [
    "etcdserverpb.SnapshotResponse",
    { remainingBytes: 1, blob: b("x"), version: "v" },
    "10011a0178220176",
  ],
  [
    "etcdserverpb.AlarmRequest",
    { action: "DEACTIVATE", memberID: 1, alarm: "NOSPACE" },
    "080210011801",
  ],
  ["etcdserverpb.DowngradeRequest", { action: "ENABLE", version: "v" }, "0801120176"],
  ["etcdserverpb.AuthenticateRequest", { name: "n", password: "p" }, "0a016e120170"],
  [
    "etcdserverpb.AuthUserAddRequest",
    { options: { noPassword: true }, hashedPassword: "h" },
    "1a020801220168",
  ],
  [
    "etcdserverpb.AuthRoleGrantPermissionRequest",
    { name: "r", perm: { permType: "READWRITE", key: b("k"), rangeEnd: b("l") } },
    "0a0172" + "1208" + "0802" + "12016b" + "1a016c",
  ],
  ["v3lockpb.LockRequest", { name: b("n"), lease: 1 }, "0a016e1001"],
  ["v3lockpb.LockResponse", { key: b("k") }, "12016b"],
  ["v3lockpb.UnlockRequest", { key: b("k") }, "0a016b"],
  ["v3electionpb.CampaignRequest", { name: b("n"), lease: 1, value: b("v") }, "0a016e10011a0176"],
  [
    "v3electionpb.LeaderKey",
    { name: b("n"), key: b("k"), rev: 1, lease: 2 },
    "0a016e12016b18012002",
  ],
  ["v3electionpb.ProclaimRequest", { leader: {}, value: b("v") }, "0a00120176"],
];

for (const [type, value, hex] of KNOWN) {
  test(`${type} ${hex} is encoded as etcd reads it`, () => {
    assert.is(encodeMessage(type, value).toString("hex"), hex);
    const back = decodeMessage(type, Buffer.from(hex, "hex"));
    for (const [name, given] of Object.entries(value)) {
      if (typeof given === "boolean" || given instanceof Uint8Array)
        assert.equal(back[name], given);
      if (typeof given === "number") assert.is(String(back[name]), String(given));
    }
  });
}

test("decoded ids keep all 64 bits and bytes are Buffers", () => {
  const header = decodeMessage(
    "etcdserverpb.ResponseHeader",
    Buffer.from("10ffffffffffffffffff01", "hex"),
  );
  assert.is(header.memberId, "18446744073709551615");
  const kv = decodeMessage("mvccpb.KeyValue", new Uint8Array([0x0a, 1, 0xff]));
  assert.ok(Buffer.isBuffer(kv.key));
  assert.equal(kv.key, Buffer.from([0xff]));
});

test("an absent field is decoded to its default, and a oneof has only the field that was sent", () => {
  assert.equal(decodeMessage("etcdserverpb.RangeResponse", Buffer.alloc(0)), {
    header: null,
    kvs: [],
    more: false,
    count: "0",
  });
  assert.equal(decodeMessage("mvccpb.Event", Buffer.alloc(0)), {
    type: "PUT",
    kv: null,
    prevKv: null,
  });
  const op = decodeMessage("etcdserverpb.ResponseOp", Buffer.from("1200", "hex"));
  assert.equal(op, {
    responsePut: { header: null, prevKv: null },
    response: "responsePut",
  });
});

test("lists of numbers are read packed and unpacked, and unknown fields are skipped", () => {
  const packed = decodeMessage("etcdserverpb.WatchCreateRequest", Buffer.from("2a020100", "hex"));
  const apart = decodeMessage("etcdserverpb.WatchCreateRequest", Buffer.from("28012800", "hex"));
  assert.equal(packed.filters, ["NODELETE", "NOPUT"]);
  assert.equal(apart.filters, packed.filters);
  const unknown = decodeMessage(
    "etcdserverpb.LeaseGrantRequest",
    Buffer.from("fa01016108641007", "hex"),
  );
  assert.equal(unknown, { TTL: "100", ID: "7" });
});

test("bytes that end within a field are refused", () => {
  for (const hex of ["0a05616263", "0a", "120308"]) {
    assert.throws(
      () => decodeMessage("etcdserverpb.TxnRequest", Buffer.from(hex, "hex")),
      RangeError,
    );
  }
});

test("a field that the message does not have is refused, not dropped", () => {
  assert.throws(
    () => encodeMessage("etcdserverpb.RangeRequest", { key: b("a"), range_end: b("b") }),
    /no field range_end/,
  );
  assert.throws(
    () => encodeMessage("etcdserverpb.TxnRequest", { success: [{ requestPut: { keys: b("a") } }] }),
    /PutRequest has no field keys/,
  );
});

test("a string in a field of bytes is refused, not encoded as text", () => {
  assert.throws(() => encodeMessage("etcdserverpb.PutRequest", { key: "abcd" }), /takes bytes/);
  assert.throws(
    () => encodeMessage("etcdserverpb.LeaseTimeToLiveResponse", { keys: ["a"] }),
    /takes bytes/,
  );
});

test("an unknown message or service throws an error that names it", () => {
  assert.throws(() => encodeMessage("etcdserverpb.Nope", {}), /etcdserverpb.Nope/);
  assert.throws(() => decodeMessage("etcdserverpb.KV", Buffer.alloc(0)), /etcdserverpb.KV/);
});

test("the services have etcd's paths and streams", () => {
  const methods = Object.values(PROTO_DEFINITIONS.services).flatMap(Object.values);
  assert.is(methods.length, 6 + 1 + 5 + 5 + 8 + 17 + 2 + 5);
  assert.is(serviceDefinition("etcdserverpb.KV").Put!.path, "/etcdserverpb.KV/Put");
  assert.is(serviceDefinition("v3lockpb.Lock").Lock!.path, "/v3lockpb.Lock/Lock");
  assert.is(serviceDefinition("v3electionpb.Election").Observe!.responseStream, true);
  const watch = serviceDefinition("etcdserverpb.Watch").Watch!;
  assert.equal([watch.requestStream, watch.responseStream], [true, true]);
  const stream = serviceDefinition("etcdserverpb.KV").RangeStream!;
  assert.equal([stream.requestStream, stream.responseStream], [false, true]);
});

function b(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

test("the definitions match the .proto files, as npm run protos writes them", () => {
  assert.equal(PROTO_DEFINITIONS, readProtoFiles(path.join(packageRoot(), "protos")));
});

test.run();
