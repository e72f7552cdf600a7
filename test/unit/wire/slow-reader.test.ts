/** Servers that do not read: the data that waits in the socket is bounded. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SOCKET_FULL } from "../../../src/wire/connection.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { MAX_WINDOW } from "./request-data.ts";
import { expectRequest, messageOf, withWire } from "./wire-client.ts";

test("a peer that keeps requesting replies and does not read them is disconnected", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    await expectRequest(connection);
    connection.pause();
    const pings = Buffer.alloc(17 * 3_800);
    for (let at = 0; at < pings.length; at += 17) pings.set([0, 0, 8, 6], at);
    // At most 130 MB of PINGs; the socket's own buffers and 4 MiB hold far less.
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
  // Windows as large as etcd's grow, and more octets than the limit for replies.
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
    // The peer's kernel still accepts some octets; the pings come while the rest is unwritten.
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
      // Each request times out, and another one follows.
      for (let round = 0; round < 3; round++) {
        for (let slot = 0; slot < slots; slot++) client.queue(slot, message);
        client.transport.flush();
        await new Promise((resolve) => setImmediate(resolve));
        // After the first round, requests wait outside the socket, where a cancelled call is gone.
        if (round > 0) assert.is(client.transport.holdReason(0), SOCKET_FULL);
        for (let slot = 0; slot < slots; slot++) client.cancel(slot);
      }
    },
  );
});

test.run();
