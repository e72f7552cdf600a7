/** The scripted HTTP/2 server of the tests, tested with node:http2. */
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { grpcMessage, type PeerConnection, WirePeer } from "../../peers/wire-peer.ts";
import { type FrameKind, serializeFrame } from "../../peers/wire-peer-frames.ts";
import { rejects } from "./rejects.ts";

interface Pair {
  session: ClientHttp2Session;
  connection: PeerConnection;
}

async function withClient(run: (pair: Pair) => Promise<void>): Promise<void> {
  const peer = await WirePeer.listen();
  const session = connect(`http://127.0.0.1:${peer.port}`, { settings: { enablePush: false } });
  session.on("error", () => {});
  try {
    await run({ session, connection: await peer.accept() });
  } finally {
    session.destroy();
    await peer.close();
  }
}

interface Answer {
  headers: Record<string, unknown>;
  trailers: Record<string, unknown>;
  body: Buffer;
}

async function answerOf(request: ClientHttp2Stream): Promise<Answer> {
  const answer: Answer = { headers: {}, trailers: {}, body: Buffer.alloc(0) };
  request.on("response", (headers) => {
    answer.headers = headers;
  });
  request.on("trailers", (trailers) => {
    answer.trailers = trailers;
  });
  request.on("data", (chunk: Buffer) => {
    answer.body = Buffer.concat([answer.body, chunk]);
  });
  await once(request, "close");
  return answer;
}

function post(session: ClientHttp2Session, body?: Uint8Array): ClientHttp2Stream {
  const request = session.request({ ":method": "POST", ":path": "/a.B/C", te: "trailers" });
  if (body !== undefined) request.end(body);
  return request;
}

test("a preface, a request and an answer with trailers", async () => {
  await withClient(async ({ session, connection }) => {
    assert.is((await connection.expectPreface()).enablePush, 0);
    connection.sendSettings({ maxConcurrentStreams: 7, initialWindowSize: 70_000 });
    connection.ackSettings();
    const remoteSettings = once(session, "remoteSettings");
    await connection.expectSettingsAck({ skip: ["WINDOW_UPDATE"] });
    const [settings] = await remoteSettings;
    assert.is(settings.maxConcurrentStreams, 7);
    assert.is(settings.initialWindowSize, 70_000);

    const answer = answerOf(post(session, Buffer.from("question")));
    const { streamId, headers, endStream } = await connection.expectHeaders();
    assert.equal(
      [streamId, headers[":path"], headers.te, endStream],
      [1, "/a.B/C", "trailers", false],
    );
    const data = await connection.expectData();
    assert.equal([data.streamId, data.bytes.toString()], [1, "question"]);
    if (!data.endStream) assert.ok((await connection.expectData()).endStream);
    connection.sendGrpcOk(streamId, Buffer.from("reply"));
    const { headers: first, trailers, body } = await answer;
    assert.is(first[":status"], 200);
    assert.is(trailers["grpc-status"], "0");
    assert.equal(body, grpcMessage(Buffer.from("reply")));
  });
});

test("headers in pieces, padded and with a priority, and padded data mean the same", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake();
    const answer = answerOf(post(session, Buffer.from("x")));
    const { streamId } = await connection.expectHeaders();
    connection.sendHeaders(
      streamId,
      { ":status": "200", "x-a": "1", "x-b": "2" },
      { continuationAt: [0, 1, 5], padding: 3, priority: { dependsOn: 0, weight: 16 } },
    );
    connection.sendData(streamId, Buffer.from("ab"), { padding: 255 });
    connection.sendData(streamId, Buffer.from("c"), { padding: 0 });
    connection.sendHeaders(streamId, { "grpc-status": "5" }, { endStream: true, padding: 0 });
    const { headers, body, trailers } = await answer;
    assert.equal([headers["x-a"], headers["x-b"], body.toString()], ["1", "2", "abc"]);
    assert.is(trailers["grpc-status"], "5");
  });
});

test("an answer sent byte by byte means the same", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake();
    const answer = answerOf(post(session, Buffer.from("x")));
    await connection.expectHeaders();
    const raw = Buffer.concat([
      serializeFrame("HEADERS", 0x4, 1, Buffer.from([0x88])),
      serializeFrame("DATA", 0x1, 1, Buffer.from("hello")),
    ]);
    await connection.sendRawInPieces(raw);
    assert.is((await answer).body.toString(), "hello");
  });
});

test("pings, resets, window updates and goaway go both ways", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake();
    const pong = new Promise<Buffer>((resolve) => {
      session.ping(Buffer.from("abcdefgh"), (_error, _ms, bytes) => resolve(bytes));
    });
    const ping = await connection.expectPing({ skip: ["WINDOW_UPDATE"] });
    assert.equal([ping.ack, ping.bytes.toString()], [false, "abcdefgh"]);
    connection.sendPing(ping.bytes, { ack: true });
    assert.is((await pong).toString(), "abcdefgh");
    await connection.expectNothing();

    const cancelled = post(session, Buffer.from("x"));
    cancelled.on("error", () => {});
    await connection.expectHeaders();
    cancelled.close(8);
    assert.equal(await connection.expectRstStream({ skip: ["DATA"] }), {
      streamId: 1,
      errorCode: 8,
    });
    assert.is(connection.conduct.openStreams, 0);

    const refused = post(session, Buffer.from("x"));
    const error = once(refused, "error").catch((thrown) => [thrown]);
    const { streamId } = await connection.expectHeaders();
    connection.sendRstStream(streamId, 7);
    assert.match(String(await error), /REFUSED_STREAM/);

    const trailersOnly = answerOf(post(session, Buffer.from("x")));
    const third = await connection.expectHeaders({ skip: ["DATA"] });
    connection.sendTrailersOnly(third.streamId, 14, "no leader: 100% of them");
    const { headers } = await trailersOnly;
    assert.is(headers["grpc-status"], "14");
    assert.is(headers["grpc-message"], "no%20leader:%20100%25%20of%20them");

    const goaway = once(session, "goaway");
    connection.sendGoaway(third.streamId, 2, "bye");
    const [code, last, debug] = await goaway;
    assert.equal([code, last, String(debug)], [2, 5, "bye"]);
  });
});

test("a client's window is tracked, and its updates are received", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake();
    const answer = answerOf(post(session, Buffer.from("x")));
    const { streamId } = await connection.expectHeaders();
    const before = connection.conduct.peerMaySend(streamId);
    connection.sendHeaders(streamId, { ":status": "200" });
    for (let sent = 0; sent < 65_535; sent += 13_107) {
      connection.sendData(streamId, Buffer.alloc(13_107));
    }
    assert.is(connection.conduct.peerMaySend(streamId), before - 65_535);
    const update = await connection.expectWindowUpdate({ skip: ["DATA"] });
    assert.ok(update.incrementBytes > 0);
    connection.sendData(streamId, Buffer.from("y"), { endStream: true });
    assert.is((await answer).body.length, 65_536);
  });
});

test("a client that waits for windows and stream limits breaks no rule", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake({ initialWindowSize: 10, maxConcurrentStreams: 1 });
    const first = answerOf(post(session, Buffer.alloc(25, "a")));
    const second = answerOf(post(session, Buffer.from("b")));
    await connection.expectHeaders();
    assert.is((await connection.expectData()).bytes.length, 10);
    await connection.expectNothing();
    connection.sendSettings({ initialWindowSize: 12 });
    await connection.expectSettingsAck();
    assert.is((await connection.expectData()).bytes.length, 2);
    connection.sendWindowUpdate(1, 13);
    const rest = await connection.expectData();
    assert.is(rest.bytes.length, 13);
    if (!rest.endStream) assert.ok((await connection.expectData()).endStream);
    await connection.expectNothing();
    connection.sendTrailersOnly(1, 0);
    await first;
    assert.is((await connection.expectHeaders()).streamId, 3);
    connection.sendTrailersOnly(3, 0);
    await second;
  });
});

test("a failed expectation reports what came instead", async () => {
  await withClient(async ({ session, connection }) => {
    await connection.handshake();
    await rejects(connection.expectData({ timeoutMs: 20 }), /waited 20 ms/);
    post(session, Buffer.from("x")).on("error", () => {});
    await rejects(connection.expectPing(), /expected PING, got HEADERS on stream 1, flags 0x/);
    session.destroy();
    const skip: FrameKind[] = ["DATA", "GOAWAY", "RST_STREAM"];
    await rejects(connection.expectPing({ skip }), /expected PING, but the c(lient|onnection)/);
    await connection.expectClose();
  });
});

for (const [end, message] of [
  ["close", undefined],
  ["destroy", /ECONNRESET/],
] as const) {
  test(`the ${end} of the peer reaches the client`, async () => {
    await withClient(async ({ session, connection }) => {
      await connection.handshake();
      let error: Error | undefined;
      session.on("error", (thrown) => {
        error = thrown;
      });
      const closed = new Promise<void>((resolve) => session.on("close", resolve));
      connection[end]();
      await closed;
      if (message === undefined) assert.is(error, undefined);
      else assert.match(String(error), message);
    });
  });
}

test.run();
