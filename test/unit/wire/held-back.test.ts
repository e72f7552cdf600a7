/** Calls that wait in the client: the reason is reported, and so is the time when they leave. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WINDOW_FULL } from "../../../src/wire/connection.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { expectRequest, withWire } from "./wire-client.ts";

test("a call above the stream limit reports that it waits for a stream, and when it leaves", async () => {
  const settings = { maxConcurrentStreams: 1 };
  await withWire({ slots: 2, settings }, async ({ client, log, connection }) => {
    client.call(0);
    client.call(1);
    assert.is(client.transport.holdReason(0), null);
    assert.match(
      client.transport.holdReason(1)!,
      /allows 1 stream at once on a connection.*--conns/,
    );
    assert.equal(client.transport.streamLimits, [1]);
    const { streamId } = await expectRequest(connection);
    assert.equal(log.sent, []);
    connection.sendGrpcOk(streamId);
    assert.is(await log.nextStatus(), Status.OK);
    assert.equal(
      log.sent.map(([slot]) => slot),
      [1],
    );
    assert.is(client.transport.holdReason(1), null);
    connection.sendGrpcOk((await expectRequest(connection)).streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("a server that allows no streams for a while holds calls until it allows one", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    connection.sendSettings({ maxConcurrentStreams: 0 });
    await connection.expectNothing({ skip: ["SETTINGS"] });
    client.call(0);
    await connection.expectNothing();
    assert.match(client.transport.holdReason(0)!, /allows 0 streams/);
    connection.sendSettings({ maxConcurrentStreams: 1 });
    await connection.expectSettingsAck();
    connection.sendGrpcOk((await expectRequest(connection)).streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("a full window holds new calls and the rest of the message that filled it", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0, Buffer.alloc(65_600));
    client.call(1);
    assert.is(client.transport.holdReason(0), WINDOW_FULL);
    assert.is(client.transport.holdReason(1), WINDOW_FULL);
    await connection.expectHeaders();
    for (let octets = 0; octets < 65_535; ) octets += (await connection.expectData()).bytes.length;
    await connection.expectNothing();
    connection.sendWindowUpdate(1, 1_000);
    connection.sendWindowUpdate(0, 10_000);
    await connection.expectData();
    assert.is((await expectRequest(connection)).streamId, 3);
    assert.equal(
      log.sent.map(([slot]) => slot),
      [1],
    );
    assert.equal(
      [0, 1].map((slot) => client.transport.holdReason(slot)),
      [null, null],
    );
    for (const streamId of [1, 3]) {
      connection.sendGrpcOk(streamId);
      assert.is(await log.nextStatus(), Status.OK);
    }
  });
});

test("a stream window of 0 holds the message, not its HEADERS", async () => {
  const settings = { initialWindowSize: 0 };
  await withWire({ settings }, async ({ client, log, connection }) => {
    client.call(0);
    assert.is(client.transport.holdReason(0), WINDOW_FULL);
    const { streamId } = await connection.expectHeaders();
    await connection.expectNothing();
    connection.sendWindowUpdate(streamId, 100);
    await connection.expectData();
    connection.sendGrpcOk(streamId);
    assert.is(await log.nextStatus(), Status.OK);
  });
});

test("a call without a connection reports that, and why the last connection ended", async () => {
  await withWire({ slots: 2 }, async ({ peer, client, log, connection }) => {
    client.call(0);
    await expectRequest(connection);
    connection.close();
    assert.is(await log.nextStatus(), Status.UNAVAILABLE);
    client.call(1);
    const reason = client.transport.holdReason(1)!;
    assert.match(reason, /there was no connection to 127\.0\.0\.1:\d+ \(the server closed/);
    const next = await peer.accept();
    await next.handshake();
    next.sendGrpcOk((await expectRequest(next)).streamId);
    assert.is(await log.nextStatus(), Status.OK);
    assert.is(log.sent.length, 1);
  });
});

test.run();
