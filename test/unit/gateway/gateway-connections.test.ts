/** Connections to the gateway: when one is kept, closed or reopened. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority } from "../../../src/etcd/local-cluster/certificates.ts";
import { GatewayTransport } from "../../../src/gateway/gateway-transport.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { TokenHolder } from "../../../src/wire/token-holder.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { until } from "../../harness/conditions.ts";
import { HttpPeer } from "../../peers/http-peer.ts";
import { CallLog } from "../wire/wire-client.ts";
import { RANGE, RANGE_MESSAGE, withGateway } from "./gateway-rig.ts";

test("a connection that the server closes between requests is reopened without a failure", () =>
  withGateway(1, async ({ call, log, peer, transport }, connection) => {
    call(0);
    await connection.request();
    connection.respond("{}");
    await log.next();
    connection.socket.end();
    const next = await peer.accept();
    await until("the connection is ready", () => transport.readyConnections === 1, 1);
    call(0);
    await next.request();
    next.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    assert.is(log.ends.length, 2);
    assert.equal(transport.carried, [{ sent: 2, open: 0 }]);
  }));

for (const [what, fields] of [
  ["Connection: close", ["Connection: close"]],
  ["no length", null],
] as const) {
  test(`a response with ${what} is the last one of its connection`, () =>
    withGateway(1, async ({ call, log, peer }, connection) => {
      call(0);
      await connection.request();
      if (fields === null) {
        connection.socket.end("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}");
      } else {
        connection.respond("{}", "200 OK", fields);
      }
      assert.is(await log.nextStatus(), Status.OK);
      call(0);
      const next = await peer.accept();
      await next.request();
      next.respond("{}");
      assert.is(await log.nextStatus(), Status.OK);
      await until("the client has closed it", () => connection.isClosed, 1);
    }));
}

test("a response without a request closes the connection and fails no call", () =>
  withGateway(1, async ({ call, log, peer }, connection) => {
    connection.respond("{}", "408 Request Timeout");
    const next = await peer.accept();
    call(0);
    await next.request();
    next.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("cancelling a request closes its connection, and the next request waits for another one", () =>
  withGateway(1, async ({ call, cancel, log, peer, transport }, connection) => {
    call(0);
    await connection.request();
    assert.is(transport.holdReason(0), null);
    cancel(0);
    call(0);
    assert.match(transport.holdReason(0) ?? "", /there was no connection to 127/);
    connection.respond("{}");
    const next = await peer.accept();
    await next.request();
    assert.equal(
      log.sent.map(([slot]) => slot),
      [0],
    );
    next.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    assert.is(log.ends.length, 1);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("a request that waits for a connection fails as unavailable if none can be opened", () =>
  withGateway(1, async ({ call, log, peer, transport }, connection) => {
    await peer.close();
    await until("the connection is gone", () => transport.readyConnections === 0, 1);
    call(0);
    const { status, message } = await log.next();
    assert.is(status, Status.UNAVAILABLE);
    assert.match(message, /ECONNREFUSED/);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("requests after the first one of a flush report when they are sent", () =>
  withGateway(3, async ({ log, transport, put, peer }, first) => {
    for (const slot of [0, 1, 2]) {
      log.inFlight.add(slot);
      transport.call(slot, put);
    }
    assert.is(log.sent.length, 0);
    transport.flush();
    assert.equal(
      log.sent.map(([slot]) => slot),
      [1, 2],
    );
    for (const connection of [first, await peer.accept(), await peer.accept()]) {
      await connection.request();
      connection.respond("{}");
      await log.next();
    }
  }));

test("a refused token is renewed, and its request is sent again with the new one", () => {
  const asked: string[] = [];
  const holder: TokenHolder = new TokenHolder(
    "old",
    (refused) => {
      asked.push(refused);
      setImmediate(() => holder.renewed("new"));
    },
    (status) => status === Status.UNAUTHENTICATED,
  );
  return withGateway(
    1,
    async ({ call, log, transport, put }, connection) => {
      assert.ok(transport.hasToken);
      call(0);
      assert.is((await connection.request()).fields.authorization, "old");
      connection.respond(
        '{"code":16,"message":"etcdserver: invalid auth token"}',
        "401 Unauthorized",
      );
      assert.is((await log.next()).status, "unprocessed");
      assert.equal(asked, ["old"]);
      call(0, put);
      assert.is((await connection.request()).fields.authorization, "new");
      connection.respond("{}");
      assert.is(await log.nextStatus(), Status.OK);
    },
    { token: holder },
  );
});

test("over TLS the server may choose HTTP/1.1 or no protocol, but no other one", async () => {
  const authority = await CertificateAuthority.create("test authority");
  const { cert, key } = await authority.issue({ commonName: "etcd", hosts: ["127.0.0.1"] });
  const tls = { ca: authority.cert, cert: null, key: null, serverName: null, skipVerify: false };
  for (const ALPNProtocols of [["http/1.1"], ["h2", "http/1.1"], undefined]) {
    const peer = await HttpPeer.listen({ cert, key, ...(ALPNProtocols && { ALPNProtocols }) });
    await withGateway(
      1,
      async ({ call, log }, connection) => {
        for (let round = 0; round < 2; round++) {
          call(0);
          await connection.request();
          connection.respond("{}");
          assert.is(await log.nextStatus(), Status.OK);
        }
      },
      { tls },
      peer,
    );
  }
});

test("a connection that cannot be opened reports the reason", async () => {
  const peer = await HttpPeer.listen();
  await peer.close();
  const transport = new GatewayTransport({
    connectionEndpoints: [peer.endpoint],
    slotConnections: [0],
    listener: new CallLog(),
  });
  try {
    await transport.open();
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /ECONNREFUSED/);
  } finally {
    transport.close();
  }
});

test("streams and two slots on one connection are refused", () =>
  withGateway(1, async ({ transport, log }) => {
    assert.throws(() => transport.template(RANGE, RANGE_MESSAGE, CallMode.STREAM), /no streams/);
    const options = {
      connectionEndpoints: ["127.0.0.1:1"],
      slotConnections: [0, 0],
      listener: log,
    };
    assert.throws(() => new GatewayTransport(options), /two slots/);
  }));

test.run();
