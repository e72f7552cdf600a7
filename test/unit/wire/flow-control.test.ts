/** Both flow-control windows in both directions, and the server's limits on frames and streams. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Answers } from "../../../src/wire/answers.ts";
import { CallTable, Phase } from "../../../src/wire/call-table.ts";
import { SOCKET_FULL } from "../../../src/wire/connection.ts";
import { ConnectionError, ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { ReceiveWindow } from "../../../src/wire/receive-window.ts";
import { grpcMessage, type PeerConnection } from "../../peers/wire-peer.ts";
import { CallLog, expectRequest, messageOf, withWire } from "./wire-client.ts";

const MAX_WINDOW = 2 ** 31 - 1;
const HEADERS = { ":status": "200", "content-type": "application/grpc" };

/** A prime, so that no frame is a whole number of them. */
const PERIOD_BYTES = 5_003;

/** Octets that tell their place, so that a frame lost, doubled or overwritten shows. */
function pattern(sizeBytes: number, seed: number): Buffer {
  const period = Buffer.from(
    Array.from({ length: PERIOD_BYTES }, (_, at) => at * 31 + (at >> 8) + seed),
  );
  return Buffer.alloc(sizeBytes, period);
}

/** Takes DATA of one stream until `sizeBytes` have come. */
async function takeData(
  connection: PeerConnection,
  streamId: number,
  sizeBytes: number,
): Promise<{ body: Buffer; sizes: number[]; endStream: boolean }> {
  const parts: Buffer[] = [];
  let endStream = false;
  for (let left = sizeBytes; left > 0; ) {
    const data = await connection.expectData();
    assert.is(data.streamId, streamId);
    parts.push(data.bytes);
    endStream = data.endStream;
    left -= data.bytes.length;
    assert.ok(left >= 0, `${-left} octets too many`);
  }
  return { body: Buffer.concat(parts), sizes: parts.map((part) => part.length), endStream };
}

test("a large message goes out in frames as the windows of stream and connection allow", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    const message = pattern(100_000, 1);
    client.call(0, message);
    const { streamId } = await connection.expectHeaders();
    const first = await takeData(connection, streamId, 65_535);
    assert.equal(first.sizes, [16_384, 16_384, 16_384, 16_383]);
    await connection.expectNothing();
    connection.sendWindowUpdate(streamId, 50_000);
    await connection.expectNothing();
    connection.sendWindowUpdate(0, 10);
    const second = await takeData(connection, streamId, 10);
    connection.sendWindowUpdate(0, 1_000_000);
    const third = await takeData(connection, streamId, 100_005 - 65_545);
    assert.equal([first.endStream, second.endStream, third.endStream], [false, false, true]);
    assert.equal(messageOf(Buffer.concat([first.body, second.body, third.body])), message);
    connection.sendGrpcOk(streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("what is held back is not changed by the template's next use", async () => {
  await withWire({ slots: 3 }, async ({ client, connection }) => {
    const messages = [pattern(60_000, 1), pattern(60_000, 2), pattern(60_000, 3)];
    messages.forEach((message, slot) => {
      client.queue(slot, message);
    });
    client.transport.flush();
    const bodies = new Map<number, Buffer[]>();
    let ended = 0;
    connection.sendWindowUpdate(0, 1_000_000);
    while (ended < 3) {
      const frame = await connection.expectData({ skip: ["HEADERS"] });
      bodies.set(frame.streamId, [...(bodies.get(frame.streamId) ?? []), frame.bytes]);
      if (frame.endStream) ended += 1;
    }
    messages.forEach((message, slot) => {
      assert.equal(messageOf(Buffer.concat(bodies.get(1 + 2 * slot)!)), message);
    });
  });
});

test("a peer that reads late gets every octet as it was when the call was made", async () => {
  const settings = { initialWindowSize: MAX_WINDOW };
  await withWire({ slots: 8, settings }, async ({ client, log, connection }) => {
    connection.sendWindowUpdate(0, MAX_WINDOW - 65_535);
    await connection.expectNothing();
    connection.pause();
    // 16 MB in frames of 16 KB: more than the socket takes while nobody reads.
    const messages = Array.from({ length: 8 }, (_, slot) => pattern(2_000_000, slot));
    messages.forEach((message, slot) => {
      client.call(slot, message);
    });
    connection.resume();
    for (let slot = 0; slot < 8; slot++) {
      const { streamId, message } = await expectRequest(connection);
      assert.ok(message.equals(messages[slot]!), `message ${slot}`);
      connection.sendGrpcOk(streamId);
    }
    for (let slot = 0; slot < 8; slot++) assert.is(await log.nextStatus(), Status.OK);
  });
});

test("a larger MAX_FRAME_SIZE makes larger frames, also in the middle of a message", async () => {
  const settings = { initialWindowSize: 1_000_000 };
  await withWire({ settings }, async ({ client, connection }) => {
    client.call(0, pattern(150_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    connection.sendSettings({ maxFrameSize: 40_000 });
    await connection.expectSettingsAck();
    connection.sendWindowUpdate(0, 1_000_000);
    const { sizes, endStream } = await takeData(connection, streamId, 150_005 - 65_535);
    assert.equal(sizes, [40_000, 40_000, 4_470]);
    assert.ok(endStream);
  });
});

test("a MAX_FRAME_SIZE lowered in the middle of a message makes smaller frames", async () => {
  const settings = { initialWindowSize: 1_000_000, maxFrameSize: 40_000 };
  await withWire({ settings }, async ({ client, connection }) => {
    client.call(0, pattern(150_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    connection.sendSettings({ maxFrameSize: 16_384 });
    await connection.expectSettingsAck();
    connection.sendWindowUpdate(0, 1_000_000);
    const { sizes, endStream } = await takeData(connection, streamId, 150_005 - 65_535);
    assert.equal(sizes, [...Array(5).fill(16_384), 84_470 - 5 * 16_384]);
    assert.ok(endStream);
  });
});

test("an initial window lowered below what was sent must be earned back first", async () => {
  await withWire({ settings: { initialWindowSize: 20_000 } }, async ({ client, connection }) => {
    client.call(0, pattern(30_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 20_000);
    connection.sendSettings({ initialWindowSize: 5_000 });
    await connection.expectSettingsAck();
    connection.sendWindowUpdate(streamId, 15_000);
    await connection.expectNothing();
    connection.sendWindowUpdate(streamId, 100);
    await takeData(connection, streamId, 100);
    await connection.expectNothing();
  });
});

test("an initial window raised lets held streams go on", async () => {
  const settings = { initialWindowSize: 0 };
  await withWire({ slots: 2, settings }, async ({ client, connection }) => {
    client.queue(0, pattern(100, 1));
    client.queue(1, pattern(100, 2));
    client.transport.flush();
    await connection.expectHeaders();
    await connection.expectHeaders();
    await connection.expectNothing();
    connection.sendSettings({ initialWindowSize: 105 });
    await connection.expectSettingsAck();
    assert.ok((await takeData(connection, 1, 105)).endStream);
    assert.ok((await takeData(connection, 3, 105)).endStream);
    await connection.expectNothing();
  });
});

test("the connection's window, used up, is shared out oldest stream first", async () => {
  await withWire({ slots: 3 }, async ({ client, connection }) => {
    for (let slot = 0; slot < 3; slot++) client.queue(slot, pattern(50_000, slot));
    client.transport.flush();
    const sizes = new Map<number, number>();
    const take = async (sizeBytes: number) => {
      for (let left = sizeBytes; left > 0; ) {
        const { streamId, bytes } = await connection.expectData({ skip: ["HEADERS"] });
        sizes.set(streamId, (sizes.get(streamId) ?? 0) + bytes.length);
        left -= bytes.length;
      }
    };
    await take(65_535);
    await connection.expectNothing({ skip: ["HEADERS"] });
    assert.equal(
      [...sizes],
      [
        [1, 50_005],
        [3, 15_530],
      ],
    );
    connection.sendWindowUpdate(0, 40_000);
    await take(40_000);
    await connection.expectNothing();
    assert.equal(
      [...sizes],
      [
        [1, 50_005],
        [3, 50_005],
        [5, 5_525],
      ],
    );
  });
});

test("MAX_CONCURRENT_STREAMS of 1 queues calls, and each end starts the next, unchanged", async () => {
  const settings = { maxConcurrentStreams: 1 };
  await withWire({ slots: 4, settings }, async ({ client, log, connection }) => {
    for (let slot = 0; slot < 4; slot++) client.queue(slot, Buffer.from([slot, slot]));
    client.transport.flush();
    for (let slot = 0; slot < 4; slot++) {
      const { streamId, message } = await expectRequest(connection);
      assert.equal([...message], [slot, slot]);
      await connection.expectNothing();
      if (slot === 1) connection.sendRstStream(streamId, ErrorCode.CANCEL);
      else connection.sendGrpcOk(streamId);
      assert.is((await log.next()).slot, slot);
    }
  });
});

test("a cancelled call gives its place to a waiting one, and a waiting one is never sent", async () => {
  const settings = { maxConcurrentStreams: 1 };
  await withWire({ slots: 3, settings }, async ({ client, connection }) => {
    for (let slot = 0; slot < 3; slot++) client.queue(slot, Buffer.from([slot]));
    client.transport.flush();
    await expectRequest(connection);
    client.cancel(1);
    await connection.expectNothing();
    client.cancel(0);
    assert.is((await connection.expectRstStream()).errorCode, ErrorCode.CANCEL);
    assert.equal([...(await expectRequest(connection)).message], [2]);
    await connection.expectNothing();
  });
});

test("a limit of 0 streams holds everything until it is raised", async () => {
  const settings = { maxConcurrentStreams: 0 };
  await withWire({ slots: 2, settings }, async ({ client, connection }) => {
    client.call(0);
    client.call(1);
    await connection.expectNothing();
    connection.sendSettings({ maxConcurrentStreams: 2 });
    await connection.expectSettingsAck();
    await expectRequest(connection);
    await expectRequest(connection);
  });
});

test("a limit lowered below what is open holds new calls until enough have ended", async () => {
  await withWire({ slots: 4 }, async ({ client, log, connection }) => {
    for (let slot = 0; slot < 3; slot++) client.call(slot);
    for (let slot = 0; slot < 3; slot++) await expectRequest(connection);
    connection.sendSettings({ maxConcurrentStreams: 2 });
    await connection.expectSettingsAck();
    client.call(3);
    await connection.expectNothing();
    connection.sendGrpcOk(1);
    await log.next();
    await connection.expectNothing();
    connection.sendGrpcOk(3);
    await log.next();
    assert.is((await expectRequest(connection)).streamId, 7);
  });
});

test("cancelling half a request resets it, and its rest takes nobody's window", async () => {
  await withWire({ slots: 2 }, async ({ client, connection }) => {
    client.call(0, pattern(70_000, 1));
    await connection.expectHeaders();
    await takeData(connection, 1, 65_535);
    client.call(1, pattern(1_000, 2));
    client.cancel(0);
    assert.equal(await connection.expectRstStream(), { streamId: 1, errorCode: ErrorCode.CANCEL });
    await connection.expectNothing();
    connection.sendWindowUpdate(0, 1_005);
    assert.is((await connection.expectHeaders()).streamId, 3);
    assert.equal(messageOf((await takeData(connection, 3, 1_005)).body), pattern(1_000, 2));
  });
});

test("an answer to half a request ends the call, and the rest is cancelled", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0, pattern(70_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    connection.sendTrailersOnly(streamId, Status.RESOURCE_EXHAUSTED, "request too large");
    assert.equal(await log.next(), {
      slot: 0,
      status: Status.RESOURCE_EXHAUSTED,
      message: "request too large",
    });
    assert.equal(await connection.expectRstStream(), { streamId, errorCode: ErrorCode.CANCEL });
    connection.sendWindowUpdate(0, 100_000);
    connection.sendWindowUpdate(streamId, 100_000);
    await connection.expectNothing();
  });
});

test("a stream reset while its request is held back sends no more", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0, pattern(70_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    connection.sendRstStream(streamId, ErrorCode.REFUSED_STREAM);
    assert.is(await log.nextStatus(), "unprocessed");
    connection.sendWindowUpdate(0, 100_000);
    await connection.expectNothing();
  });
});

test("a stream's WINDOW_UPDATE of 0 fails that stream alone", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0);
    client.call(1);
    await expectRequest(connection);
    await expectRequest(connection);
    connection.sendWindowUpdate(1, 0);
    assert.equal(await connection.expectRstStream(), {
      streamId: 1,
      errorCode: ErrorCode.PROTOCOL_ERROR,
    });
    connection.sendGrpcOk(3);
    assert.equal(
      [await log.next(), await log.next()].map(({ slot, status }) => [slot, status]),
      [
        [0, Status.INTERNAL],
        [1, Status.OK],
      ],
    );
  });
});

test("a stream's window above 2^31-1 fails that stream alone", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0, pattern(100_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    // The largest window there is; the connection's own lets none of it be used.
    connection.sendWindowUpdate(streamId, MAX_WINDOW);
    await connection.expectNothing();
    connection.sendWindowUpdate(streamId, 1);
    const errorCode = ErrorCode.FLOW_CONTROL_ERROR;
    assert.equal(await connection.expectRstStream(), { streamId, errorCode });
    assert.is(await log.nextStatus(), Status.INTERNAL);
    connection.sendWindowUpdate(0, 1_000);
    client.call(1);
    const next = await expectRequest(connection);
    connection.sendGrpcOk(next.streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("an answer larger than the stream's window gets the window back in time", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendHeaders(streamId, HEADERS);
    const body = grpcMessage(Buffer.alloc(20_000_000, 5));
    for (let at = 0; at < body.length; at += 16_384) {
      const { conduct } = connection;
      while (Math.min(conduct.peerMaySend(0), conduct.peerMaySend(streamId)) < 16_384) {
        await connection.expectWindowUpdate();
      }
      connection.sendData(streamId, body.subarray(at, at + 16_384));
    }
    connection.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("padding counts against both windows and is given back", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendHeaders(streamId, HEADERS);
    connection.sendData(streamId, Buffer.alloc(5), { padding: 255 });
    for (let octets = 261; octets < 1024 * 1024; octets += 256) {
      connection.sendData(streamId, Buffer.alloc(0), { padding: 255 });
    }
    connection.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
    assert.is(await log.nextStatus(), Status.OK);
    const { streamId: of, incrementBytes } = await connection.expectWindowUpdate();
    assert.is(of, 0);
    assert.ok(incrementBytes >= 1024 * 1024 && incrementBytes < 1024 * 1024 + 16_384);
  });
});

test("octets for a stream that has ended are given back to the connection", async () => {
  await withWire({}, async ({ client, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    client.cancel(0);
    await connection.expectRstStream();
    for (let frame = 0; frame < 64; frame++) connection.sendData(streamId, Buffer.alloc(16_384));
    assert.equal(await connection.expectWindowUpdate(), {
      streamId: 0,
      incrementBytes: 1024 * 1024,
    });
    await connection.expectNothing();
  });
});

test("more than the connection's window is a connection error", () => {
  const window = new ReceiveWindow(1_000, 500);
  assert.equal([window.received(499), window.received(1), window.received(1_000)], [0, 500, 1_000]);
  assert.throws(
    () => window.received(1_001),
    (error: unknown) =>
      error instanceof ConnectionError && error.code === ErrorCode.FLOW_CONTROL_ERROR,
  );
});

test("more than the stream's window fails the call and resets its stream", () => {
  const calls = new CallTable(1);
  const answers = new Answers(calls, new CallLog());
  calls.open(0, 1);
  calls.phase[0] = Phase.ANSWERING;
  const bytes = grpcMessage(Buffer.alloc(10));
  assert.not(answers.data(0, false, bytes, 0, 5, 16 * 1024 * 1024));
  assert.ok(answers.data(0, false, bytes, 5, 6, 1));
  assert.is(answers.status, Status.INTERNAL);
  assert.is(answers.resetCode, ErrorCode.FLOW_CONTROL_ERROR);
});

test("a peer that makes the client answer and does not read is cut off", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    await expectRequest(connection);
    connection.pause();
    const pings = Buffer.alloc(17 * 3_800);
    for (let at = 0; at < pings.length; at += 17) pings.set([0, 0, 8, 6], at);
    // 130 MB of PINGs at most; the socket's own buffers and 4 MiB hold far less.
    for (let batch = 0; batch < 2_000 && log.ends.length === 0; batch++) {
      connection.sendUncounted(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { status, message } = await log.next();
    assert.is(status, Status.UNAVAILABLE);
    assert.match(message, /asks for replies and does not read them \(ENHANCE_YOUR_CALM\)/);
  });
});

test("pings while large requests wait in the socket do not end the connection", async () => {
  // Windows as etcd's grow to, and more of them than the guard for replies holds.
  const settings = { initialWindowSize: 16 * 1024 * 1024 };
  const slots = 16;
  await withWire({ slots, settings }, async ({ client, log, connection }) => {
    connection.sendWindowUpdate(0, 512 * 1024 * 1024);
    connection.sendPing(Buffer.from("windows!"));
    await connection.expectPing();
    connection.pause();
    const messages = Array.from({ length: slots }, (_, slot) => Buffer.alloc(1024 * 1024, slot));
    for (const [slot, message] of messages.entries()) client.queue(slot, message);
    client.transport.flush();
    // Its kernel still takes what the client writes; the pings come while the rest is unwritten.
    for (let ping = 0; ping < 100; ping++) connection.sendPing(Buffer.alloc(8, ping));
    connection.resume();
    const bodies = new Map<number, Buffer[]>();
    let acks = 0;
    for (let ended = 0; ended < slots || acks < 100; ) {
      const frame = await connection.expectFrame();
      if (frame.kind === "PING") acks += 1;
      if (frame.kind !== "DATA") continue;
      bodies.set(frame.streamId, [...(bodies.get(frame.streamId) ?? []), frame.payload]);
      if (frame.flags & 1) ended += 1;
    }
    for (const [streamId, parts] of bodies) {
      const message = messageOf(Buffer.concat(parts));
      assert.is(message.length, 1024 * 1024);
      assert.ok(message.equals(messages[message[0]!]!));
      connection.sendGrpcOk(streamId);
    }
    for (let slot = 0; slot < slots; slot++) assert.is(await log.nextStatus(), Status.OK);
  });
});

test("a server that grants every window and reads nothing does not fill the client's memory", async () => {
  const slots = 40;
  await withWire(
    { slots, settings: { initialWindowSize: MAX_WINDOW } },
    async ({ client, connection }) => {
      connection.sendWindowUpdate(0, MAX_WINDOW - 65_535);
      await connection.expectNothing();
      connection.pause();
      const message = Buffer.alloc(1024 * 1024);
      // Each request's time runs out, and another one takes its place.
      for (let round = 0; round < 3; round++) {
        for (let slot = 0; slot < slots; slot++) client.queue(slot, message);
        client.transport.flush();
        await new Promise((resolve) => setImmediate(resolve));
        // What follows the first round waits outside the socket, where a cancelled call is gone.
        if (round > 0) assert.is(client.transport.holdReason(0), SOCKET_FULL);
        for (let slot = 0; slot < slots; slot++) client.cancel(slot);
      }
    },
  );
});

test.run();
