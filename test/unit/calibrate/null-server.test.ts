/** The null server as its clients see it: node:http2, grpc-js, our wire, and raw octets. */
import { once } from "node:events";
import http2 from "node:http2";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  KEEP_ALIVE_PATH,
  KEY_SIZE_BYTES,
  PUT_PATH,
  RANGE_PATH,
  WATCH_PATH,
} from "../../../src/calibrate/null-server/answers.ts";
import {
  CAMPAIGN_PATH,
  LOCK_PATH,
  OBSERVE_PATH,
  PROCLAIM_PATH,
  RESIGN_PATH,
  UNLOCK_PATH,
} from "../../../src/calibrate/null-server/contention.ts";
import { type NullServer, startNullServer } from "../../../src/calibrate/null-server/server.ts";
import { WireTransport } from "../../../src/load/wire/wire-transport.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { until } from "../../conditions.ts";
import { FLAG, serializeFrame } from "../../wire-peer-frames.ts";
import { preface, RawClient, requestData, requestHeaders, windowUpdate } from "./raw-client.ts";

const test = suite<{ server: NullServer; clients: RawClient[] }>("null server");

test.before.each(async (context) => {
  context.server = await startNullServer(null);
  context.clients = [];
});

test.after.each(async ({ server, clients }) => {
  for (const client of clients) client.close();
  await server.close();
});

async function rawClient({ server, clients }: { server: NullServer; clients: RawClient[] }) {
  const client = await RawClient.connect(server.port);
  clients.push(client);
  return client;
}

interface RangeAnswer {
  count: string;
  kvs: { key: Buffer; value: Buffer }[];
}

/** One call through grpc-js, with the bytes of message and answer. */
function call(client: Client, path: string, message: Buffer): Promise<Buffer> {
  const identity = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, message, (error, answer) => {
      if (error) reject(error);
      else resolve(answer!);
    });
  });
}

test("grpc-js gets etcd's messages for Put and Range, and UNIMPLEMENTED for the rest", async ({
  server,
}) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  try {
    const put = await call(
      client,
      PUT_PATH,
      encodeMessage("etcdserverpb.PutRequest", { key: Buffer.from("k"), value: Buffer.from("v") }),
    );
    const { header } = decodeMessage<{ header: { revision: string } }>(
      "etcdserverpb.PutResponse",
      put,
    );
    assert.is(header.revision, "1000000");
    const range = await call(
      client,
      RANGE_PATH,
      encodeMessage("etcdserverpb.RangeRequest", { key: Buffer.from("k") }),
    );
    const { count, kvs } = decodeMessage<RangeAnswer>("etcdserverpb.RangeResponse", range);
    assert.is(count, "1");
    assert.is(kvs[0]!.key.length, KEY_SIZE_BYTES);
    assert.is(kvs[0]!.value.length, 256);
    const refused = await call(client, "/etcdserverpb.KV/Compact", Buffer.alloc(0)).catch(
      (error: ServiceError) => error,
    );
    assert.is((refused as ServiceError).code, status.UNIMPLEMENTED);
    assert.is(server.answered, 3);
  } finally {
    client.close();
  }
});

test("a put's event reaches each watcher of its key over streams that stay open, beyond their windows", async ({
  server,
}) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const identity = (bytes: Buffer) => bytes;
  const stream = client.makeBidiStreamRequest(WATCH_PATH, identity, identity);
  try {
    type Answer = { watchId: string; created: boolean; events: { kv: { value: Buffer } }[] };
    const answers: Answer[] = [];
    stream.on("error", () => {});
    stream.on("data", (bytes: Buffer) => {
      answers.push(decodeMessage<Answer>("etcdserverpb.WatchResponse", bytes));
    });
    const key = Buffer.from("watched");
    for (const watchId of [7, 8]) {
      const createRequest = { key, watchId };
      stream.write(encodeMessage("etcdserverpb.WatchRequest", { createRequest }));
    }
    await until("both watchers", () => answers.filter(({ created }) => created).length === 2);
    const puts = 20;
    const value = Buffer.alloc(10_000, 3);
    for (const each of [key, Buffer.from("another")]) {
      const message = encodeMessage("etcdserverpb.PutRequest", { key: each, value });
      for (let at = 0; at < puts; at++) await call(client, PUT_PATH, message);
    }
    const events = () => answers.filter((answer) => answer.events.length === 1);
    await until("all events", () => events().length === 2 * puts);
    assert.is(events().filter(({ watchId }) => watchId === "7").length, puts);
    assert.ok(events().every((answer) => answer.events[0]!.kv.value.equals(value)));
  } finally {
    stream.cancel();
    client.close();
  }
});

test("each keep-alive of a stream is answered with a time to live, and its end with trailers", async ({
  server,
}) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const identity = (bytes: Buffer) => bytes;
  const stream = client.makeBidiStreamRequest(KEEP_ALIVE_PATH, identity, identity);
  try {
    const lives: string[] = [];
    stream.on("data", (bytes: Buffer) => {
      const { TTL } = decodeMessage<{ TTL: string }>("etcdserverpb.LeaseKeepAliveResponse", bytes);
      lives.push(TTL);
    });
    const ended = once(stream, "status");
    for (let at = 0; at < 3; at++) {
      stream.write(encodeMessage("etcdserverpb.LeaseKeepAliveRequest", { ID: "7587" }));
    }
    stream.end();
    const [{ code }] = (await ended) as [{ code: number }];
    assert.is(code, status.OK);
    assert.equal(lives, ["100", "100", "100"]);
  } finally {
    client.close();
  }
});

test("a lock has one owner: who asks later waits for the release, or for the owner's connection to go", async ({
  server,
}) => {
  // A connection each.
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const clients = Array.from(
    { length: 3 },
    () => new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), options),
  );
  const [first, second, third] = clients;
  const name = Buffer.from("name");
  const owners: string[] = [];
  const lock = async (client: Client, who: string) => {
    const request = encodeMessage("v3lockpb.LockRequest", { name, lease: "26" });
    const answer = await call(client, LOCK_PATH, request);
    owners.push(who);
    return decodeMessage<{ key: Buffer }>("v3lockpb.LockResponse", answer).key;
  };
  try {
    const key = await lock(first!, "first");
    assert.is(key.toString(), "name/1a");
    const later = [lock(second!, "second")];
    // Answered behind the lock that waits on the same connection.
    await call(second!, PUT_PATH, Buffer.alloc(0));
    later.push(lock(third!, "third"));
    await call(third!, PUT_PATH, Buffer.alloc(0));
    assert.equal(owners, ["first"]);
    await call(first!, UNLOCK_PATH, encodeMessage("v3lockpb.UnlockRequest", { key }));
    await later[0];
    assert.equal(owners, ["first", "second"]);
    second!.close();
    await later[1];
    assert.equal(owners, ["first", "second", "third"]);
  } finally {
    for (const client of clients) client.close();
  }
});

test("an observer hears of each leader of its election, and of no other's", async ({ server }) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const identity = (bytes: Buffer) => bytes;
  const observed: string[] = [];
  const name = Buffer.from("name");
  const observer = client.makeServerStreamRequest(
    OBSERVE_PATH,
    identity,
    identity,
    encodeMessage("v3electionpb.LeaderRequest", { name }),
  );
  observer.on("error", () => {});
  observer.on("data", (bytes: Buffer) => {
    type Leader = { kv: { value: Buffer } };
    observed.push(decodeMessage<Leader>("v3electionpb.LeaderResponse", bytes).kv.value.toString());
  });
  const campaign = async (election: Buffer, value: string) => {
    const answer = await call(
      client,
      CAMPAIGN_PATH,
      encodeMessage("v3electionpb.CampaignRequest", {
        name: election,
        lease: "1",
        value: Buffer.from(value),
      }),
    );
    type Won = { leader: { name: Buffer; key: Buffer; rev: string; lease: string } };
    return decodeMessage<Won>("v3electionpb.CampaignResponse", answer).leader;
  };
  try {
    await until("the observer", () => server.answered === 1);
    const leader = await campaign(name, "a");
    assert.is(leader.key.toString(), "name/1");
    await campaign(Buffer.from("other"), "x");
    const next = campaign(name, "b");
    const proclaimed = { leader, value: Buffer.from("a again") };
    const proclaim = encodeMessage("v3electionpb.ProclaimRequest", proclaimed);
    await call(client, PROCLAIM_PATH, proclaim);
    await call(client, RESIGN_PATH, encodeMessage("v3electionpb.ResignRequest", { leader }));
    assert.ok(Number((await next).rev) > Number(leader.rev));
    await until("three leaders", () => observed.length === 3);
    assert.equal(observed, ["a", "a again", "b"]);
  } finally {
    observer.cancel();
    client.close();
  }
});

test("grpc-js gets hundreds of answers at once, and more than its first window holds", async ({
  server,
}) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  try {
    const message = encodeMessage("etcdserverpb.RangeRequest", { key: Buffer.from("k") });
    const answers = await Promise.all(
      Array.from({ length: 600 }, () => call(client, RANGE_PATH, message)),
    );
    assert.ok(answers.reduce((bytes, answer) => bytes + answer.length, 0) > 2 * 65_535);
    assert.is(server.answered, 600);
  } finally {
    client.close();
  }
});

test("messages far larger than the first windows go through", async ({ server }) => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  try {
    const key = Buffer.from("k");
    // More than a stream's whole window in one message, and more than an update's worth in sum.
    for (const valueBytes of [100_000, 3_000_000, 20_000_000]) {
      const value = Buffer.alloc(valueBytes, 1);
      const message = encodeMessage("etcdserverpb.PutRequest", { key, value });
      assert.ok((await call(client, PUT_PATH, message)).length > 0);
    }
  } finally {
    client.close();
  }
});

test("node:http2 sees headers, message, trailers, and its pings come back", async ({ server }) => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  try {
    await once(session, "remoteSettings");
    await new Promise<void>((resolve, reject) => {
      session.ping(Buffer.from("12345678"), (error, _ms, payload) => {
        if (error) reject(error);
        else if (payload.toString() !== "12345678") reject(new Error(`pong ${payload}`));
        else resolve();
      });
    });
    for (let turn = 0; turn < 3; turn++) {
      const stream = session.request({
        ":method": "POST",
        ":path": RANGE_PATH,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      const head = once(stream, "response");
      const tail = once(stream, "trailers");
      const end = once(stream, "close");
      stream.end(Buffer.alloc(5));
      const [headers] = (await head) as [http2.IncomingHttpHeaders];
      const [trailers] = (await tail) as [http2.IncomingHttpHeaders];
      await end;
      assert.is(headers[":status"], 200);
      assert.is(headers["content-type"], "application/grpc");
      assert.is(trailers["grpc-status"], "0");
      const body = Buffer.concat(chunks);
      assert.is(body.readUInt8(0), 0);
      assert.is(body.readUInt32BE(1), body.length - 5);
    }
  } finally {
    session.destroy();
  }
});

test("our own wire transport has its calls answered", async ({ server }) => {
  const slots = 20;
  const wanted = 2_000;
  let ended = 0;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const statuses = new Set<number>();
  const transport = new WireTransport({
    connectionEndpoints: [`127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`],
    slotConnections: Array.from({ length: slots }, (_, slot) => slot % 2),
    listener: {
      onCallEnd(slot, code) {
        statuses.add(code);
        ended += 1;
        if (ended + slots <= wanted) transport.call(slot, template);
        else if (ended === wanted) finish();
      },
      onMessage() {
        throw new Error("a message that no call asked for");
      },
      onCallUnprocessed() {
        throw new Error("handed back");
      },
    },
  });
  await transport.open();
  const message = encodeMessage("etcdserverpb.PutRequest", {
    key: Buffer.from("k"),
    value: Buffer.alloc(256),
  });
  const template = transport.template(PUT_PATH, message);
  for (let slot = 0; slot < slots; slot++) transport.call(slot, template);
  transport.flush();
  await done;
  transport.close();
  assert.equal([...statuses], [0]);
  assert.is(server.answered, wanted);
});

test("several requests in one chunk are all answered, in order, each on its stream", async (context) => {
  const client = await rawClient(context);
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

test("requests that are interleaved, or come octet by octet, are answered too", async (context) => {
  const client = await rawClient(context);
  const bytes = Buffer.concat([
    preface(),
    requestHeaders(1, RANGE_PATH),
    requestHeaders(3, PUT_PATH),
    requestHeaders(5, "/etcdserverpb.KV/Compact"),
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

test("what the connection's window does not hold waits for its WINDOW_UPDATE", async (context) => {
  const client = await rawClient(context);
  const total = 300;
  client.send(preface());
  for (let at = 0; at < total; at++) {
    client.send(requestHeaders(2 * at + 1, RANGE_PATH), requestData(2 * at + 1));
  }
  // Answered after all requests before it: what has not come by then is held back.
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

test("frames that are unknown or without weight are passed over", async (context) => {
  const client = await rawClient(context);
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
  ["HTTP/1", [Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]],
  ["a stream with an even id", [preface(), requestHeaders(2, RANGE_PATH)]],
  ["DATA on a stream never opened", [preface(), requestData(1)]],
  ["a header block that is none", [preface(), serializeFrame("HEADERS", 0x5, 1, Buffer.of(0xff))]],
  ["a frame that is too long", [preface(), Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)]],
  ["a window that fits no answer", [preface({ initialWindowSize: 10 })]],
  ["a window above 2^31-1", [preface(), windowUpdate(0, 0x7fffffff)]],
];

for (const [name, parts] of offences) {
  test(`${name} ends its connection with GOAWAY, and no other`, async (context) => {
    const good = await rawClient(context);
    good.send(preface());
    const bad = await rawClient(context);
    bad.send(...parts);
    await bad.until("close", () => bad.isClosed);
    assert.is(bad.count("GOAWAY"), 1);
    good.send(requestHeaders(1, RANGE_PATH), requestData(1));
    await good.until("answer", () => good.endedStreams.length === 1);
  });
}

test("delayed puts are answered after their delay, each recorded; ranges at once", async () => {
  await initHistograms();
  // Without spread every delay is 2 + 1 ms.
  const server = await startNullServer({
    seed: 1,
    leastMs: 2,
    medianMs: 1,
    sigma: 0,
    mostMs: 100,
  });
  const client = await RawClient.connect(server.port);
  try {
    const ids = Array.from({ length: 200 }, (_, at) => 2 * at + 1);
    const sentNs = process.hrtime.bigint();
    client.send(
      preface(),
      ...ids.map((id) => Buffer.concat([requestHeaders(id, PUT_PATH), requestData(id)])),
      requestHeaders(1_001, RANGE_PATH),
      requestData(1_001),
    );
    await client.until("all answers", () => client.endedStreams.length === ids.length + 1);
    const elapsedMs = Number(process.hrtime.bigint() - sentNs) / 1e6;
    assert.is(client.endedStreams[0], 1_001);
    const delays = new LatencyHistogram();
    delays.addEncoded(server.takeDelays()!);
    assert.is(delays.count, ids.length);
    // Never early, by more than a bucket of the histogram is wide; and not later than we saw it.
    assert.ok(delays.minNs >= 2.99e6, `${delays.minNs}`);
    assert.ok(delays.maxNs <= elapsedMs * 1.001e6, `${delays.maxNs} of ${elapsedMs} ms`);
    delays.destroy();
    const none = new LatencyHistogram();
    none.addEncoded(server.takeDelays()!);
    assert.is(none.count, 0);
    none.destroy();
  } finally {
    client.close();
    await server.close();
  }
});

test("a delayed put that was cancelled is neither answered nor recorded", async () => {
  const server = await startNullServer({
    seed: 1,
    leastMs: 30,
    medianMs: 1,
    sigma: 0,
    mostMs: 100,
  });
  const client = await RawClient.connect(server.port);
  try {
    client.send(
      preface(),
      requestHeaders(1, PUT_PATH),
      requestData(1),
      serializeFrame("RST_STREAM", 0, 1, Buffer.alloc(4)),
      requestHeaders(3, PUT_PATH),
      requestData(3),
    );
    await client.until("the second answer", () => client.endedStreams.includes(3));
    assert.equal(client.endedStreams, [3]);
    assert.is(server.answered, 1);
  } finally {
    client.close();
    await server.close();
  }
});

test.run();
