/** Invalid window updates, and the updates by which the client returns octets. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Answers } from "../../../src/wire/answers.ts";
import { CallTable, Phase } from "../../../src/wire/call-table.ts";
import { ConnectionError, ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { ReceiveWindow } from "../../../src/wire/receive-window.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";
import { HEADERS, MAX_WINDOW, pattern, takeData } from "./request-data.ts";
import { CallLog, expectRequest, withWire } from "./wire-client.ts";

test("a stream's WINDOW_UPDATE of 0 fails only that stream", async () => {
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

test("a stream window above 2^31-1 fails only that stream", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0, pattern(100_000, 1));
    const { streamId } = await connection.expectHeaders();
    await takeData(connection, streamId, 65_535);
    // The largest possible window; the connection's own window lets none of it be used.
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

test("a response larger than the stream's window gets window updates in time", async () => {
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

test("padding counts against both windows and is returned", async () => {
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

test("octets of an ended stream are returned to the connection's window", async () => {
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

test("octets beyond the connection's window are a connection error", () => {
  const window = new ReceiveWindow(1_000, 500);
  assert.equal([window.received(499), window.received(1), window.received(1_000)], [0, 500, 1_000]);
  assert.throws(
    () => window.received(1_001),
    (error: unknown) =>
      error instanceof ConnectionError && error.code === ErrorCode.FLOW_CONTROL_ERROR,
  );
});

test("octets beyond the stream's window fail the call and reset its stream", () => {
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

test.run();
