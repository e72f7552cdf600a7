/** GOAWAY and used-up stream ids: calls finish or move to a new connection, each exactly once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HTTP2, SocketOpener } from "../../../src/net/socket-opener.ts";
import { CallTable } from "../../../src/wire/call-table.ts";
import { Channel } from "../../../src/wire/channel.ts";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { requestHeadersFrame, WireTemplate } from "../../../src/wire/request.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { CallLog, expectRequest, PATH, withPeer, withWire } from "./wire-client.ts";

const LARGEST_ID = 2 ** 31 - 1;

test("streams above the last id of a GOAWAY are unprocessed, and the others get their responses", async () => {
  await withWire({ slots: 3 }, async ({ peer, client, log, connection }) => {
    for (let slot = 0; slot < 3; slot++) client.call(slot);
    for (let slot = 0; slot < 3; slot++) await expectRequest(connection);
    connection.sendGoaway(1, ErrorCode.NO_ERROR, "maintenance");
    assert.equal(
      [await log.next(), await log.next()].map(({ slot, status }) => [slot, status]),
      [
        [1, "unprocessed"],
        [2, "unprocessed"],
      ],
    );
    client.call(1);
    const second = await peer.accept();
    await second.handshake();
    await expectRequest(second);
    connection.sendPing(Buffer.from("draining"));
    assert.ok((await connection.expectPing()).ack);
    connection.sendGrpcOk(1);
    assert.equal(await log.next(), { slot: 0, status: Status.OK, message: "" });
    await connection.expectClose();
    client.call(0);
    await expectRequest(second);
    second.sendGrpcOk(3);
    second.sendGrpcOk(1);
    assert.equal(
      [await log.next(), await log.next()].map(({ slot, status }) => [slot, status]),
      [
        [0, Status.OK],
        [1, Status.OK],
      ],
    );
    await second.expectNothing();
  });
});

test("a GOAWAY of 2^31-1 only announces the end, and the next one ends the unprocessed streams", async () => {
  await withWire({ slots: 2 }, async ({ peer, client, log, connection }) => {
    client.call(0);
    client.call(1);
    await expectRequest(connection);
    await expectRequest(connection);
    connection.sendGoaway(LARGEST_ID, ErrorCode.NO_ERROR);
    await connection.expectNothing();
    assert.equal(log.ends, []);
    const second = await peer.accept();
    await second.handshake();
    connection.sendGoaway(1, ErrorCode.NO_ERROR);
    const message = "GOAWAY, NO_ERROR";
    assert.equal(await log.next(), { slot: 1, status: "unprocessed", message });
    connection.sendGrpcOk(1);
    assert.equal(await log.next(), { slot: 0, status: Status.OK, message: "" });
    await connection.expectClose();
    assert.is(client.transport.readyConnections, 1);
  });
});

test("calls made while no connection takes them wait for the next one", async () => {
  await withWire({ slots: 2 }, async ({ peer, client, log, connection }) => {
    client.call(0);
    await expectRequest(connection);
    connection.sendGoaway(1, ErrorCode.NO_ERROR);
    await connection.expectNothing();
    assert.is(client.transport.readyConnections, 0);
    client.call(1, Buffer.from("waiting"));
    // Changes the template of the waiting call.
    client.cancel(1);
    client.call(1, Buffer.from("waits 2"));
    await connection.expectNothing();
    const second = await peer.accept();
    await second.handshake();
    const { streamId, message } = await expectRequest(second);
    assert.equal([streamId, message.toString()], [1, "waits 2"]);
    second.sendGrpcOk(streamId);
    assert.is((await log.next()).slot, 1);
    connection.sendGrpcOk(1);
    assert.is((await log.next()).slot, 0);
    await connection.expectClose();
  });
});

test("GOAWAY on a connection without streams closes it, and the client opens another", async () => {
  await withWire({}, async ({ peer, client, log, connection }) => {
    connection.sendGoaway(0, ErrorCode.NO_ERROR);
    await connection.expectClose();
    const second = await peer.accept();
    await second.handshake();
    client.call(0);
    const { streamId } = await expectRequest(second);
    second.sendGrpcOk(streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("after GOAWAY a close fails the processed calls with the server's reason", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0);
    client.call(1);
    await expectRequest(connection);
    await expectRequest(connection);
    connection.sendGoaway(1, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
    connection.close();
    assert.is((await log.next()).status, "unprocessed");
    const { slot, status, message } = await log.next();
    assert.equal([slot, status], [0, Status.UNAVAILABLE]);
    assert.match(message, /closed the connection \(GOAWAY, ENHANCE_YOUR_CALM, too_many_pings\)/);
  });
});

test("cancelling the last call of a draining connection closes it", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendGoaway(streamId, ErrorCode.NO_ERROR);
    await connection.expectNothing();
    client.cancel(0);
    await connection.expectClose({ skip: ["RST_STREAM"] });
    assert.equal(log.ends, []);
  });
});

test("a held request that GOAWAY reports as unprocessed sends no more octets", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0);
    await expectRequest(connection);
    client.call(1, Buffer.alloc(70_000));
    await connection.expectHeaders();
    connection.sendGoaway(1, ErrorCode.NO_ERROR);
    assert.is(await log.nextStatus(), "unprocessed");
    connection.sendWindowUpdate(0, 100_000);
    await connection.expectNothing({ skip: ["DATA"] });
    connection.sendGrpcOk(1);
    assert.is(await log.nextStatus(), Status.OK);
    await connection.expectClose();
  });
});

test("when the stream ids run out, calls go on over a new connection", async () => {
  await withPeer(async (peer) => {
    const log = new CallLog();
    const firstStreamId = LARGEST_ID - 130;
    const channel = new Channel({
      endpoint: `127.0.0.1:${peer.port}`,
      sockets: new SocketOpener(null, HTTP2),
      headersFrames: [
        requestHeadersFrame(PATH, { scheme: "http", authority: "test", token: null }),
      ],
      calls: new CallTable(2),
      listener: log,
      onTurnEnd: () => {},
      onRecord: () => {},
      random: () => 0.5,
      firstStreamId,
    });
    const template = new WireTemplate(PATH, 0, Buffer.from("x"), CallMode.UNARY);
    try {
      const opening = channel.open();
      let connection = await peer.accept();
      await connection.handshake();
      await opening;
      let connections = 1;
      for (let call = 0; call < 12; call++) {
        const slot = call % 2;
        log.inFlight.add(slot);
        channel.call(slot, template);
        channel.flush();
        const request = await expectRequest(connection).catch(async (error: Error) => {
          if (!/expected HEADERS, but the client closed/.test(error.message)) throw error;
          connection = await peer.accept();
          await connection.handshake();
          connections += 1;
          return expectRequest(connection);
        });
        assert.ok(request.streamId >= firstStreamId && request.streamId <= LARGEST_ID);
        connection.sendGrpcOk(request.streamId);
        assert.equal(await log.next(), { slot, status: Status.OK, message: "" });
      }
      assert.ok(connections > 2, `${connections} connections`);
      assert.is(log.fault, null);
    } finally {
      channel.close();
    }
  });
});

test("stream calls that wait for a stream when the ids run out go over the next connection", async () => {
  await withPeer(async (peer) => {
    const log = new CallLog();
    const firstStreamId = LARGEST_ID - 126;
    const channel = new Channel({
      endpoint: `127.0.0.1:${peer.port}`,
      sockets: new SocketOpener(null, HTTP2),
      headersFrames: [
        requestHeadersFrame(PATH, { scheme: "http", authority: "test", token: null }),
      ],
      calls: new CallTable(3),
      listener: log,
      onTurnEnd: () => {},
      onRecord: () => {},
      random: () => 0.5,
      firstStreamId,
    });
    const template = new WireTemplate(PATH, 0, Buffer.from("x"), CallMode.STREAM);
    try {
      const opening = channel.open();
      const first = await peer.accept();
      await first.handshake({ maxConcurrentStreams: 0 });
      await opening;
      for (const slot of [0, 1, 2]) {
        log.inFlight.add(slot);
        channel.call(slot, template);
        // The second message waits together with the call.
        channel.send(slot, template);
      }
      first.sendSettings({ maxConcurrentStreams: 100 });
      let connection = first;
      for (let opened = 0; opened < 3; ) {
        const frame = await connection.expectFrame().catch(async () => null);
        if (frame?.kind === "HEADERS") {
          opened += 1;
          assert.is(frame.streamId, firstStreamId);
          for (let message = 0; message < 2; message++) {
            const { streamId, endStream } = await connection.expectData();
            assert.equal([streamId, endStream], [frame.streamId, false]);
          }
          connection.sendTrailersOnly(frame.streamId, Status.OK);
          assert.equal(await log.next(), { slot: opened - 1, status: Status.OK, message: "" });
        }
        if (frame !== null) continue;
        connection = await peer.accept();
        await connection.handshake();
      }
      assert.is(log.fault, null);
    } finally {
      channel.close();
    }
  });
});

test.run();
