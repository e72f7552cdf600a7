/** How a connection begins, and how the client answers connection-level frames. */
import dns from "node:dns";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import { FLAG } from "../../peers/wire-peer-frames.ts";
import { expectRequest, PATH, WireClient, withPeer, withWire } from "./wire-client.ts";

test("the client sends its SETTINGS and a large connection window first, and nothing else", async () => {
  await withPeer(async (peer) => {
    const client = new WireClient([`127.0.0.1:${peer.port}`], [0]);
    const opening = client.transport.open();
    const connection = await peer.accept();
    const settings = await connection.expectPreface();
    assert.equal(settings, {
      headerTableSize: 0,
      enablePush: 0,
      initialWindowSize: 16 * 1024 * 1024,
      maxHeaderListSize: 65_536,
    });
    const update = await connection.expectWindowUpdate();
    assert.equal(update, { streamId: 0, incrementBytes: 2 ** 30 - 65_535 });
    assert.is(client.transport.readyConnections, 0);
    connection.sendSettings();
    await connection.expectSettingsAck();
    await opening;
    assert.is(client.transport.readyConnections, 1);
    await connection.expectNothing();
    client.transport.close();
    await connection.expectClose();
  });
});

test("a request is one HEADERS and one DATA frame, as the gRPC protocol defines them", async () => {
  await withWire({}, async ({ client, connection }) => {
    client.call(0, Buffer.from("question"));
    const { streamId, fields, endStream } = await connection.expectHeaders();
    assert.is(streamId, 1);
    assert.not(endStream);
    const authority = fields.find(([name]) => name === ":authority")?.[1];
    assert.match(authority!, /^127\.0\.0\.1:\d+$/);
    assert.equal(
      fields.filter(([name]) => name !== ":authority"),
      [
        [":method", "POST"],
        [":scheme", "http"],
        [":path", PATH],
        ["content-type", "application/grpc"],
        ["te", "trailers"],
        ["user-agent", "etcd-bench"],
      ],
    );
    const data = await connection.expectData();
    assert.ok(data.endStream);
    assert.equal(data.bytes, Buffer.from("\0\0\0\0\bquestion", "latin1"));
    await connection.expectNothing();
  });
});

test("stream ids are odd and increasing", async () => {
  await withWire({ slots: 3 }, async ({ client, log, connection }) => {
    for (let slot = 0; slot < 3; slot++) client.queue(slot, Buffer.from([slot]));
    client.transport.flush();
    for (let slot = 0; slot < 3; slot++) {
      const { streamId, message } = await expectRequest(connection);
      assert.equal([streamId, [...message]], [1 + 2 * slot, [slot]]);
    }
    for (const streamId of [3, 5, 1]) connection.sendGrpcOk(streamId);
    assert.equal(
      [await log.next(), await log.next(), await log.next()].map(({ slot }) => slot),
      [1, 2, 0],
    );
  });
});

test("each path has its own header block", async () => {
  await withWire({ slots: 2 }, async ({ client, connection }) => {
    client.queue(0, Buffer.from("put"), "/etcdserverpb.KV/Put");
    client.queue(1, Buffer.from("range"), "/etcdserverpb.KV/Range");
    client.transport.flush();
    assert.is((await expectRequest(connection)).headers[":path"], "/etcdserverpb.KV/Put");
    assert.is((await expectRequest(connection)).headers[":path"], "/etcdserverpb.KV/Range");
  });
});

test("the client acknowledges each SETTINGS, but not a SETTINGS ACK", async () => {
  await withWire({}, async ({ connection }) => {
    connection.sendSettings({ maxFrameSize: 32_768 });
    await connection.expectSettingsAck();
    connection.sendSettings();
    connection.sendSettings({ maxHeaderListSize: 10, headerTableSize: 0 });
    await connection.expectSettingsAck();
    await connection.expectSettingsAck();
    connection.ackSettings();
    await connection.expectNothing();
  });
});

test("unknown settings are ignored", async () => {
  await withWire({}, async ({ connection }) => {
    connection.sendFrame("SETTINGS", 0, 0, Buffer.from("fabc00000001", "hex"));
    await connection.expectSettingsAck();
    await connection.expectNothing();
  });
});

test("the client answers a PING with the same octets, and does not answer a PING ACK", async () => {
  await withWire({}, async ({ connection }) => {
    connection.sendPing(Buffer.from("8 octets"));
    const { ack, bytes } = await connection.expectPing();
    assert.ok(ack);
    assert.is(bytes.toString(), "8 octets");
    connection.sendPing(Buffer.from("12345678"), { ack: true });
    await connection.expectNothing();
  });
});

test("PRIORITY and unknown frames are ignored, also between the frames of a response", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendFrame(0x42, 0xff, streamId, Buffer.from("what is this"));
    connection.sendHeaders(streamId, { ":status": "200", "content-type": "application/grpc" });
    connection.sendFrame("PRIORITY", 0, streamId, Buffer.alloc(5));
    connection.sendFrame("PRIORITY", 0, 4711, Buffer.alloc(5));
    connection.sendFrame(0x42, 0, 0);
    connection.sendData(streamId, Buffer.alloc(5));
    connection.sendFrame(0xff, FLAG.ack, 77, Buffer.alloc(100));
    connection.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
    assert.is(await log.nextStatus(), Status.OK);
    await connection.expectNothing();
  });
});

test("connections go to their own endpoints, IPv6 included, each with its own :authority", async () => {
  await withPeer(async (first) => {
    await withPeer(async (second) => {
      const endpoints = [
        `127.0.0.1:${first.port}`,
        `localhost:${second.port}`,
        `127.0.0.1:${second.port}`,
      ];
      const client = new WireClient(endpoints, [2, 0, 1, 0]);
      const opening = client.transport.open();
      const ofFirst = await first.accept();
      const ofSecond = [await second.accept(), await second.accept()];
      for (const connection of [ofFirst, ...ofSecond]) await connection.handshake();
      await opening;
      assert.is(client.transport.readyConnections, 3);
      for (let slot = 0; slot < 4; slot++) client.queue(slot, Buffer.from([slot]));
      client.transport.flush();

      const onFirst = [await expectRequest(ofFirst), await expectRequest(ofFirst)];
      assert.equal(
        onFirst.map(({ message }) => [...message]),
        [[1], [3]],
      );
      for (const { headers } of onFirst) assert.is(headers[":authority"], endpoints[0]);
      const onSecond = [await expectRequest(ofSecond[0]!), await expectRequest(ofSecond[1]!)];
      const authorities = onSecond.map(({ message, headers }) => [
        message[0],
        headers[":authority"],
      ]);
      assert.equal(authorities.sort(), [
        [0, endpoints[2]],
        [2, endpoints[1]],
      ]);
      client.transport.close();
    });
  });
});

test("when the first attempt fails, open rejects with its reason", async () => {
  const cases: [send: string | null, reason: RegExp][] = [
    ["HTTP/1.1 400 Bad Request\r\n\r\n", /does not speak HTTP\/2/],
    [null, /closed the connection|ECONNRESET/],
  ];
  for (const [send, reason] of cases) {
    await withPeer(async (peer) => {
      const client = new WireClient([`127.0.0.1:${peer.port}`], [0]);
      const opening = client.transport.open().then(
        () => "opened",
        (error: Error) => error.message,
      );
      const connection = await peer.accept();
      if (send === null) connection.close();
      else connection.sendRaw(Buffer.from(send));
      assert.match(await opening, reason);
      client.transport.close();
    });
  }
});

test("open reports the refusal when a name has two addresses and neither accepts connections", async () => {
  let port = 0;
  await withPeer(async (peer) => {
    port = peer.port;
  });
  const { lookup } = dns;
  const both = [
    { address: "127.0.0.1", family: 4 },
    { address: "127.0.0.2", family: 4 },
  ];
  const answer = (_host: string, _options: unknown, done: (...found: unknown[]) => void) =>
    done(null, both);
  dns.lookup = answer as unknown as typeof lookup;
  const client = new WireClient([`two-addresses.test:${port}`], [0]);
  try {
    const failure = await client.transport.open().then(
      () => "opened",
      (error: Error) => error.message,
    );
    assert.match(failure, /ECONNREFUSED/);
  } finally {
    dns.lookup = lookup;
    client.transport.close();
  }
});

for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
  test(`open reports that ${host} refuses the connection`, async () => {
    let port = 0;
    await withPeer(async (peer) => {
      port = peer.port;
    });
    const client = new WireClient([`${host}:${port}`], [0]);
    const failure = await client.transport.open().then(
      () => "opened",
      (error: Error) => error.message,
    );
    client.transport.close();
    assert.match(failure, /ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
  });
}

test.run();
