/** One HTTP/2 connection of the fake etcd, in raw octets: chunks, windows, protocol errors. */
import * as assert from "uvu/assert";
import { PUT_PATH, RANGE_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import { FLAG, serializeFrame } from "../../../peers/wire-peer-frames.ts";
import { preface, requestData, requestHeaders, windowUpdate } from "../raw-client.ts";
import { fakeEtcdSuite } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd connection");

test("several requests in one chunk are answered in order, each on its own stream", async ({
  rawClient,
}) => {
  const client = await rawClient();
  const requests = [1, 3, 5, 7, 9].map((id) =>
    Buffer.concat([requestHeaders(id, id === 5 ? PUT_PATH : RANGE_PATH), requestData(id)]),
  );
  client.send(preface(), ...requests);
  await client.until("five answers", () => client.endedStreams.length === 5);
  assert.equal(client.endedStreams, [1, 3, 5, 7, 9]);
  for (const id of [1, 3, 5, 7, 9]) {
    const kinds = client.frames.filter((frame) => frame.streamId === id).map(({ kind }) => kind);
    assert.equal(kinds, ["HEADERS", "DATA", "HEADERS"]);
  }
  const lengthOn = (id: number) =>
    client.frames.find(({ kind, streamId }) => kind === "DATA" && streamId === id)!.payload.length;
  assert.ok(lengthOn(1) > 256);
  assert.ok(lengthOn(5) < 256);
  assert.is(client.frames[0]!.kind, "SETTINGS");
  assert.is(client.count("SETTINGS", FLAG.ack), 1);
});

test("requests that are interleaved or come octet by octet are answered too", async ({
  rawClient,
}) => {
  const client = await rawClient();
  const bytes = Buffer.concat([
    preface(),
    requestHeaders(1, RANGE_PATH),
    requestHeaders(3, PUT_PATH),
    requestHeaders(5, "/etcdserverpb.Cluster/MemberAdd"),
    requestData(3),
    requestData(5),
    requestData(1),
  ]);
  for (const octet of bytes) client.send(Buffer.of(octet));
  await client.until("three answers", () => client.endedStreams.length === 3);
  assert.equal(client.endedStreams, [3, 5, 1]);
  const kinds = client.frames.filter(({ streamId }) => streamId === 5).map(({ kind }) => kind);
  assert.equal(kinds, ["HEADERS"]);
});

test("responses beyond the connection's window wait for its WINDOW_UPDATE", async ({
  rawClient,
}) => {
  const client = await rawClient();
  const total = 300;
  client.send(preface());
  for (let at = 0; at < total; at++) {
    client.send(requestHeaders(2 * at + 1, RANGE_PATH), requestData(2 * at + 1));
  }
  // The PING is answered after all requests before it; responses missing then are held back.
  client.send(serializeFrame("PING", 0, 0, Buffer.alloc(8)));
  await client.until("pong", () => client.count("PING") === 1);
  const sentBytes = () =>
    client.frames
      .filter(({ kind }) => kind === "DATA")
      .reduce((bytes, { payload }) => bytes + payload.length, 0);
  const first = client.endedStreams.length;
  assert.ok(first > 0 && first < total, `${first} answers`);
  assert.ok(sentBytes() <= 65_535);
  client.send(windowUpdate(0, 1_000_000));
  await client.until("the rest", () => client.endedStreams.length === total);
  assert.equal(
    client.endedStreams,
    Array.from({ length: total }, (_, at) => 2 * at + 1),
  );
});

test("unknown frames and frames without effect are ignored", async ({ rawClient }) => {
  const client = await rawClient();
  client.send(
    preface(),
    serializeFrame(0xfa, 0xff, 77, Buffer.alloc(40)),
    serializeFrame("PRIORITY", 0, 1, Buffer.alloc(5)),
    windowUpdate(0, 10),
    requestHeaders(1, RANGE_PATH),
    windowUpdate(1, 10),
    requestData(1),
    serializeFrame("RST_STREAM", 0, 1, Buffer.alloc(4)),
    requestHeaders(3, RANGE_PATH),
    requestData(3),
    serializeFrame("GOAWAY", 0, 0, Buffer.alloc(8)),
  );
  await client.until("both answers", () => client.endedStreams.length === 2);
  assert.is(client.count("GOAWAY"), 0);
});

const offences: [string, Buffer[]][] = [
  ["another preface", [Buffer.from("PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n")]],
  ["a stream with an even id", [preface(), requestHeaders(2, RANGE_PATH)]],
  ["DATA on a stream never opened", [preface(), requestData(1)]],
  ["an invalid header block", [preface(), serializeFrame("HEADERS", 0x5, 1, Buffer.of(0xff))]],
  ["a frame that is too long", [preface(), Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)]],
  ["a window that is too small for any response", [preface({ initialWindowSize: 10 })]],
  ["a window above 2^31-1", [preface(), windowUpdate(0, 0x7fffffff)]],
];

for (const [name, parts] of offences) {
  test(`${name} ends its connection with GOAWAY, and no other connection`, async ({
    rawClient,
  }) => {
    const good = await rawClient();
    good.send(preface());
    const bad = await rawClient();
    bad.send(...parts);
    await bad.until("close", () => bad.isClosed);
    assert.is(bad.count("GOAWAY"), 1);
    good.send(requestHeaders(1, RANGE_PATH), requestData(1));
    await good.until("answer", () => good.endedStreams.length === 1);
  });
}

test.run();
