/** Dropped connections: which calls fail, which wait, and how often each end is reported. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Backoff } from "../../../src/net/backoff.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { type PeerConnection, WirePeer } from "../../peers/wire-peer.ts";
import { expectRequest, WireClient, withWire } from "./wire-client.ts";

const DROPS: [how: string, drop: (connection: PeerConnection) => void][] = [
  ["an end (FIN)", (connection) => connection.close()],
  ["a reset (RST)", (connection) => connection.destroy()],
];

for (const [how, drop] of DROPS) {
  test(`${how} fails each call in flight once as UNAVAILABLE, and later calls go over a new connection`, async () => {
    await withWire({ slots: 3 }, async ({ peer, client, log, connection }) => {
      for (let slot = 0; slot < 3; slot++) client.call(slot, Buffer.from([slot]));
      for (let slot = 0; slot < 3; slot++) await expectRequest(connection);
      // One of the calls has a partial response.
      connection.sendHeaders(3, { ":status": "200", "content-type": "application/grpc" });
      log.onEnd = ({ slot }) => client.queue(slot, Buffer.from([slot + 100]));
      drop(connection);
      const ends = [await log.next(), await log.next(), await log.next()];
      log.onEnd = () => {};
      assert.equal(ends.map(({ slot }) => slot).sort(), [0, 1, 2]);
      for (const { status, message } of ends) {
        assert.is(status, Status.UNAVAILABLE);
        assert.match(message, /closed the connection|ECONNRESET/);
      }
      const second = await peer.accept();
      await second.handshake();
      const again = new Set<number>();
      for (let call = 0; call < 3; call++) {
        const { streamId, message } = await expectRequest(second);
        again.add(message[0]!);
        second.sendGrpcOk(streamId);
      }
      assert.equal([...again].sort(), [100, 101, 102]);
      for (let call = 0; call < 3; call++) assert.is(await log.nextStatus(), Status.OK);
      assert.is(log.ends.length, 6);
      await second.expectNothing();
    });
  });
}

test("calls made while the server closes the connection fail because of the server, not the client", async () => {
  await withWire({ slots: 50 }, async ({ client, log, connection }) => {
    connection.close();
    for (let slot = 0; slot < 50 && log.ends.length === 0; slot++) {
      client.call(slot);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.next();
    for (const { status, message } of log.ends) {
      assert.is(status, Status.UNAVAILABLE);
      assert.match(message, /closed the connection|ECONNRESET|EPIPE/);
    }
  });
});

test("calls that wait for a connection fail with a failed attempt, and later calls try again", async () => {
  await withWire({ slots: 2 }, async ({ peer, client, log, connection }) => {
    connection.close();
    const refused = await peer.accept();
    client.call(0);
    client.call(1);
    refused.close();
    for (const end of [await log.next(), await log.next()]) {
      assert.is(end.status, Status.UNAVAILABLE);
      assert.match(end.message, /closed the connection/);
    }
    client.call(1);
    const accepted = await peer.accept();
    await accepted.handshake();
    const { streamId } = await expectRequest(accepted);
    accepted.sendGrpcOk(streamId);
    assert.equal(await log.next(), { slot: 1, status: Status.OK, message: "" });
    assert.is(client.transport.readyConnections, 1);
  });
});

test("when the server is gone, waiting calls fail with an error that has its address", async () => {
  const peer = await WirePeer.listen();
  const client = new WireClient([`127.0.0.1:${peer.port}`], [0]);
  try {
    const opening = client.transport.open();
    await (await peer.accept()).handshake();
    await opening;
    await peer.close();
    client.call(0);
    assert.is(await client.log.nextStatus(), Status.UNAVAILABLE);
    client.call(0);
    const { status, message } = await client.log.next();
    assert.is(status, Status.UNAVAILABLE);
    assert.match(message, /ECONNREFUSED 127\.0\.0\.1/);
    // Closing cancels the next attempt; otherwise the test process would not end.
  } finally {
    client.transport.close();
  }
});

test("a waiting call can be cancelled, and is then never sent", async () => {
  await withWire({ slots: 2 }, async ({ peer, client, log, connection }) => {
    connection.close();
    const second = await peer.accept();
    client.call(0, Buffer.from("given up"));
    client.call(1, Buffer.from("kept"));
    client.cancel(0);
    await second.handshake();
    const { streamId, message } = await expectRequest(second);
    assert.is(message.toString(), "kept");
    second.sendGrpcOk(streamId);
    assert.is((await log.next()).slot, 1);
    await second.expectNothing();
    assert.equal(client.transport.carried, [{ sent: 1, open: 0 }]);
  });
});

test("a connection counts as ready only when it accepts calls", async () => {
  await withWire({ slots: 1 }, async ({ peer, client, log, connection }) => {
    assert.is(client.transport.readyConnections, 1);
    connection.close();
    const second = await peer.accept();
    assert.is(client.transport.readyConnections, 0);
    await second.handshake();
    await second.expectNothing();
    assert.is(client.transport.readyConnections, 1);
    assert.equal(log.ends, []);
  });
});

test("a closed transport opens no new connection", async () => {
  await withWire({}, async ({ peer, client, connection }) => {
    client.transport.close();
    await connection.expectClose();
    const again = await peer.accept({ timeoutMs: 300 }).then(
      () => "connected",
      (error: Error) => error.message,
    );
    assert.is(again, "expected a connection, none came");
  });
});

test("the backoff grows from 100 ms by a factor of 1.6 up to 2 s, and a reset restarts it", () => {
  const backoff = new Backoff(() => 0.5);
  const delays = Array.from({ length: 9 }, () => Math.round(backoff.nextMs() * 10) / 10);
  assert.equal(delays, [100, 160, 256, 409.6, 655.4, 1048.6, 1677.7, 2000, 2000]);
  backoff.reset();
  assert.is(backoff.nextMs(), 100);
});

test("the backoff varies by up to 20% in both directions", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
      const delayMs = new Backoff(() => draw).nextMs();
      assert.ok(delayMs >= 80 && delayMs <= 120, String(delayMs));
    }),
  );
});

test.run();
