/** Sends within the flow-control windows that a server grants to streams and to the connection. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import { MAX_WINDOW, pattern, takeData } from "./request-data.ts";
import { expectRequest, messageOf, withWire } from "./wire-client.ts";

test("a large message is sent in frames as the windows of its stream and connection allow", async () => {
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

test("the next use of a template does not change a message that is held back", async () => {
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
    // 16 MB in frames of 16 KB: more than the socket takes while the peer does not read.
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

test("a smaller MAX_FRAME_SIZE makes smaller frames, also in the middle of a message", async () => {
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

test("a stream whose initial window fell below what it has sent waits for window updates", async () => {
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

test("a larger initial window lets held streams go on", async () => {
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

test("a connection window that is used up goes to the oldest stream first", async () => {
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

test.run();
