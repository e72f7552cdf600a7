/** The server's stream limit, and calls that end while their request is held back. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { pattern, takeData } from "./request-data.ts";
import { expectRequest, messageOf, withWire } from "./wire-client.ts";

test("a limit of one stream queues calls, and each end starts the next call unchanged", async () => {
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

test("cancelling an open call starts a waiting one, and a cancelled waiting call is never sent", async () => {
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

test("a limit of 0 streams holds all calls until it is raised", async () => {
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

test("a limit below the number of open streams holds new calls until enough have ended", async () => {
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

test("cancelling a half-sent request resets it, and its rest uses no window of others", async () => {
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

test("a response to a half-sent request ends the call, and the rest is not sent", async () => {
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

test("a stream reset while its request is held back sends no more octets", async () => {
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

test.run();
