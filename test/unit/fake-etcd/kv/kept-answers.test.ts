/** Responses of a fake etcd that keeps the data written to it. */
import { type ServiceError, status } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { PUT_PATH, RANGE_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import { encodeMessage } from "../../../../src/protos.ts";
import { FLAG, serializeFrame } from "../../../peers/wire-peer-frames.ts";
import { preface, requestHeaders, windowUpdate } from "../raw-client.ts";
import { call, callKv, fakeEtcdSuite } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd that keeps data", true);

interface Answer {
  header: { revision: string };
}

interface Range extends Answer {
  kvs: { key: Buffer; value: Buffer; modRevision: string; version: string; lease: string }[];
  more: boolean;
  count: string;
}

interface Txn extends Answer {
  succeeded: boolean;
  responses: { responseRange: Range | null; responsePut: object | null }[];
}

const key = (text: string) => Buffer.from(text);

test("a put key is found by its name, in pages of a range, and in a count", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  // The keys are not put in sorted order.
  for (const name of ["a/2", "b/1", "a/0", "a/1"]) {
    await callKv(client, "Put", { key: key(name), value: key(`of ${name}`), lease: "26" });
  }
  const { header } = await callKv<Answer>(client, "Put", { key: key("a/1"), value: key("new") });
  const one = await callKv<Range>(client, "Range", { key: key("a/1"), limit: 1 });
  assert.is(one.kvs[0]!.value.toString(), "new");
  assert.is(one.kvs[0]!.modRevision, header.revision);
  assert.is(one.kvs[0]!.version, "2");
  assert.is(one.header.revision, header.revision);
  const all = { key: key("a/"), rangeEnd: key("a0"), limit: 2, revision: header.revision };
  const first = await callKv<Range>(client, "Range", all);
  assert.equal(
    first.kvs.map(({ key, value, lease }) => `${key} ${value} ${lease}`),
    ["a/0 of a/0 26", "a/1 new 0"],
  );
  assert.is(first.more, true);
  assert.is(first.count, "3");
  const next = await callKv<Range>(client, "Range", { ...all, key: key("a/1\0") });
  assert.equal(
    next.kvs.map((each) => each.key.toString()),
    ["a/2"],
  );
  assert.is(next.more, false);
  const count = { key: key("\0"), rangeEnd: key("\0"), countOnly: true };
  const counted = await callKv<Range>(client, "Range", count);
  assert.is(counted.count, "4");
  assert.is(counted.kvs.length, 0);
  const none = await callKv<Range>(client, "Range", { key: key("a") });
  assert.is(none.count, "0");
});

test("a transaction succeeds only at the compared revision, and otherwise returns the current value", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  const pod = key("pods/1");
  const txn = (modRevision: string, success: object) =>
    callKv<Txn>(client, "Txn", {
      compare: [{ target: "MOD", result: "EQUAL", key: pod, modRevision }],
      success: [success],
      failure: [{ requestRange: { key: pod } }],
    });
  const put = (text: string) => ({ requestPut: { key: pod, value: key(text) } });
  const created = await txn("0", put("first"));
  assert.is(created.succeeded, true);
  assert.ok(created.responses[0]!.responsePut);
  const { revision } = created.header;
  const again = await txn("0", put("second"));
  assert.is(again.succeeded, false);
  assert.is(again.header.revision, revision);
  const [found] = again.responses[0]!.responseRange!.kvs;
  assert.is(found!.value.toString(), "first");
  assert.is(found!.modRevision, revision);
  const updated = await txn(revision, put("third"));
  assert.is(updated.succeeded, true);
  assert.is(Number(updated.header.revision), Number(revision) + 1);
  const deleted = await txn(updated.header.revision, { requestDeleteRange: { key: pod } });
  assert.is(deleted.succeeded, true);
  const gone = await callKv<Txn>(client, "Txn", {
    compare: [{ target: "VERSION", result: "EQUAL", key: pod, version: "0" }],
  });
  assert.is(gone.succeeded, true);
});

test("a deleted range is gone, and the number of its keys is returned", async ({ grpcClient }) => {
  const client = grpcClient();
  for (const name of ["a", "b", "c"]) {
    await callKv(client, "Put", { key: key(name), value: key("v") });
  }
  const range = { key: key("a"), rangeEnd: key("c") };
  const { deleted } = await callKv<{ deleted: string }>(client, "DeleteRange", range);
  assert.is(deleted, "2");
  const left = await callKv<Range>(client, "Range", { key: key("\0"), rangeEnd: key("\0") });
  assert.equal(
    left.kvs.map((each) => each.key.toString()),
    ["c"],
  );
});

test("an unsupported request is UNIMPLEMENTED and writes nothing", async ({ grpcClient }) => {
  const client = grpcClient();
  const sorted = { key: key("a"), sortOrder: "DESCEND", sortTarget: "MOD" };
  const put = { requestPut: { key: key("a"), value: key("v") } };
  const compared = [{ target: "VALUE", result: "EQUAL", key: key("a"), value: key("x") }];
  for (const [method, fields] of [
    ["Range", sorted],
    ["Put", { key: key("a"), value: key("v"), prevKv: true }],
    ["Txn", { compare: compared, failure: [put] }],
    ["Txn", { success: [put, { requestRange: sorted }] }],
  ] as const) {
    const error = await callKv(client, method, fields).catch((error: ServiceError) => error);
    assert.is((error as ServiceError).code, status.UNIMPLEMENTED, JSON.stringify(fields));
  }
  const { count } = await callKv<Range>(client, "Range", { key: key("a") });
  assert.is(count, "0");
});

test("an invalid message fails only its own call", async ({ grpcClient }) => {
  const client = grpcClient();
  // A key whose length exceeds the message.
  const cutOff = Buffer.of(0x0a, 0x7f, 0x61);
  const lock = "/v3lockpb.Lock/Lock";
  for (const path of [PUT_PATH, RANGE_PATH, lock]) {
    const error = await call(client, path, cutOff).catch((error: ServiceError) => error);
    assert.is((error as ServiceError).code, status.INTERNAL, path);
  }
  await callKv(client, "Put", { key: key("a"), value: key("v") });
  assert.is((await callKv<Range>(client, "Range", { key: key("a") })).count, "1");
});

test("a new run starts without the keys and revisions of the previous one", async ({
  server,
  grpcClient,
}) => {
  const fields = { key: key("a"), value: key("v") };
  const before = await callKv<Answer>(grpcClient(), "Put", fields);
  server.begin(true);
  const client = grpcClient();
  assert.is((await callKv<Range>(client, "Range", { key: key("a") })).count, "0");
  assert.equal((await callKv<Answer>(client, "Put", fields)).header, before.header);
});

test("a response longer than the windows is sent in parts, as far as both windows allow", async ({
  rawClient,
}) => {
  const client = await rawClient();
  const windowBytes = 20_000;
  const values = 90;
  client.send(preface({ initialWindowSize: windowBytes }));
  for (let at = 0; at < values; at++) {
    const put = { key: key(`k${at}`), value: Buffer.alloc(1_000, at) };
    client.send(...request(2 * at + 1, PUT_PATH, encodeMessage("etcdserverpb.PutRequest", put)));
  }
  const range = { key: key("k"), rangeEnd: key("l") };
  const message = encodeMessage("etcdserverpb.RangeRequest", range);
  const id = 2 * values + 1;
  client.send(...request(id, RANGE_PATH, message));
  const parts = () =>
    client.frames.filter(({ kind, streamId }) => kind === "DATA" && streamId === id);
  const bytes = () => parts().reduce((sum, { payload }) => sum + payload.length, 0);
  const untilPong = async (pongs: number) => {
    client.send(serializeFrame("PING", 0, 0, Buffer.alloc(8)));
    await client.until("pong", () => client.count("PING") === pongs);
  };
  await untilPong(1);
  assert.ok(bytes() > 0 && bytes() <= windowBytes, `${bytes()}`);
  client.send(windowUpdate(id, 1_000_000));
  await untilPong(2);
  // Now the connection's window limits the response.
  assert.ok(bytes() > windowBytes && bytes() <= 65_535, `${bytes()}`);
  assert.not(client.endedStreams.includes(id));
  client.send(windowUpdate(0, 1_000_000));
  await client.until("the end", () => client.endedStreams.includes(id));
  assert.ok(parts().every(({ payload }) => payload.length <= 16_384));
  const whole = Buffer.concat(parts().map(({ payload }) => payload));
  assert.is(whole.readUInt32BE(1), whole.length - 5);
  assert.ok(whole.length > values * 1_000);
  for (let at = 0; at < values; at++) assert.ok(whole.includes(Buffer.alloc(1_000, at)), `${at}`);
});

function request(streamId: number, path: string, message: Buffer): Buffer[] {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const data = Buffer.concat([prefix, message]);
  return [requestHeaders(streamId, path), serializeFrame("DATA", FLAG.endStream, streamId, data)];
}

test.run();
