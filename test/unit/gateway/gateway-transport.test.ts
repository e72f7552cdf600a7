/** Drives the gateway's transport against a scripted server: what it sends, and how calls end. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority } from "../../../src/etcd/local-cluster/certificates.ts";
import { GatewayTransport } from "../../../src/gateway/gateway-transport.ts";
import { encodeMessage } from "../../../src/protos.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { TokenHolder } from "../../../src/wire/token-holder.ts";
import {
  CallMode,
  type RequestTemplate,
  type TransportOptions,
} from "../../../src/wire/transport.ts";
import { until } from "../../harness/conditions.ts";
import { HttpPeer, type HttpPeerConnection } from "../../peers/http-peer.ts";
import { CallLog } from "../wire/wire-client.ts";

const PUT = "/etcdserverpb.KV/Put";
const RANGE = "/etcdserverpb.KV/Range";
const KEY = Buffer.from("foo");
const PUT_MESSAGE = encodeMessage("etcdserverpb.PutRequest", { key: KEY });
const RANGE_MESSAGE = encodeMessage("etcdserverpb.RangeRequest", { key: KEY });

interface Rig {
  peer: HttpPeer;
  transport: GatewayTransport;
  log: CallLog;
  put: RequestTemplate;
  call(slot: number, template?: RequestTemplate): void;
  cancel(slot: number): void;
}

async function withGateway(
  slots: number,
  run: (rig: Rig, first: HttpPeerConnection) => Promise<void>,
  options: Partial<TransportOptions> = {},
  peer?: HttpPeer,
): Promise<void> {
  const server = peer ?? (await HttpPeer.listen());
  const log = new CallLog();
  const transport = new GatewayTransport({
    connectionEndpoints: new Array(slots).fill(server.endpoint),
    slotConnections: Array.from({ length: slots }, (_, slot) => slot),
    listener: log,
    ...options,
  });
  try {
    const put = transport.template(PUT, PUT_MESSAGE);
    await transport.open();
    const rig = {
      peer: server,
      transport,
      log,
      put,
      call(slot: number, template = put) {
        log.inFlight.add(slot);
        transport.call(slot, template);
        transport.flush();
      },
      cancel(slot: number) {
        log.inFlight.delete(slot);
        transport.cancel(slot);
      },
    };
    await run(rig, await server.accept());
    assert.is(log.fault, null);
  } finally {
    transport.close();
    await server.close();
  }
}

test("a put is posted as JSON, and its answer ends the call", () =>
  withGateway(1, async ({ call, log }, connection) => {
    for (let round = 0; round < 3; round++) {
      call(0);
      const { line, fields, body } = await connection.request();
      assert.is(line, "POST /v3/kv/put HTTP/1.1");
      assert.is(body, '{"key":"Zm9v"}');
      assert.is(fields["content-type"], "application/json");
      assert.is(fields.authorization, undefined);
      connection.respond('{"header":{"revision":"2"}}');
      assert.equal(await log.next(), { slot: 0, status: Status.OK, message: "" });
    }
    assert.is(log.messages.length, 0);
  }));

test("a range's answer comes as the message of gRPC, whatever its pieces", () =>
  withGateway(1, async ({ call, log, transport }, connection) => {
    const range = transport.template(RANGE, RANGE_MESSAGE, CallMode.UNARY_PARTS);
    call(0, range);
    assert.is((await connection.request()).line, "POST /v3/kv/range HTTP/1.1");
    const answer = '{"kvs":[{"key":"Zm9v","value":"YmFy"}],"count":"1"}';
    const head =
      "HTTP/1.1 200 OK\r\ncontent-TYPE: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const chunks = [...answer].map((octet) => `1\r\n${octet}\r\n`).join("");
    for (const octet of `HTTP/1.1 100 Continue\r\n\r\n${head}${chunks}0\r\n\r\n`) {
      connection.socket.write(octet);
    }
    assert.is(await log.nextStatus(), Status.OK);
    const message = Buffer.concat(log.messages.map(([, bytes]) => bytes));
    const expected = { kvs: [{ key: KEY, value: Buffer.from("bar") }], count: 1 };
    assert.equal(message, encodeMessage("etcdserverpb.RangeResponse", expected));
  }));

for (const [what, status, body, code, message] of [
  [
    "etcd 3.5",
    "400 Bad Request",
    '{"code":3, "message":"no key"}',
    Status.INVALID_ARGUMENT,
    "no key",
  ],
  [
    "etcd 3.4",
    "503 Gone",
    '{"error":"no leader","message":"no leader","code":14}',
    Status.UNAVAILABLE,
    "no leader",
  ],
  [
    "a proxy",
    "502 Bad Gateway",
    "<html>",
    Status.UNAVAILABLE,
    'HTTP status 502 from the server "x/1"',
  ],
  [
    "a server without a gateway",
    "404 Not Found",
    "404 page not found\n",
    Status.UNIMPLEMENTED,
    'HTTP status 404, so there is no grpc-gateway from the server "x/1": 404 page not found',
  ],
  ["a server that answers with nonsense", "200 OK", "{]", Status.INTERNAL, "the answer is no JSON"],
  [
    "a server that answers with half an object",
    "200 OK",
    '{"header":{',
    Status.INTERNAL,
    "the answer's JSON is cut off",
  ],
] as const) {
  test(`the refusal of ${what} ends the call with its code, and the connection goes on`, () =>
    withGateway(1, async ({ call, log, peer }, connection) => {
      call(0);
      await connection.request();
      connection.respond(body, status, ["Server: x/1"]);
      assert.equal(await log.next(), { slot: 0, status: code, message });
      call(0);
      await connection.request();
      connection.respond("{}");
      assert.is(await log.nextStatus(), Status.OK);
      assert.is(peer.connections, 1);
    }));
}

test("a page in place of JSON is no answer", () =>
  withGateway(1, async ({ call, log }, connection) => {
    call(0);
    await connection.request();
    connection.socket.write(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}",
    );
    const { status, message } = await log.next();
    assert.is(status, Status.UNKNOWN);
    assert.match(message, /content-type is not JSON/);
  }));

test("a response that is no HTTP/1.1 fails the call, and another connection is opened", () =>
  withGateway(1, async ({ call, log, peer }, connection) => {
    call(0);
    await connection.request();
    connection.socket.write("RTSP/1.0 200 OK\r\n\r\n");
    const { status, message } = await log.next();
    assert.equal([status, message], [Status.INTERNAL, "the server does not answer in HTTP/1.1"]);
    call(0);
    const next = await peer.accept();
    await next.request();
    next.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("a dropped connection fails what is in flight, once, and nothing is sent again", () =>
  withGateway(2, async ({ call, log, peer }, first) => {
    const second = await peer.accept();
    call(0);
    call(1);
    const [, left] = await Promise.all([first.request(), second.request()]);
    assert.ok(left.body.length > 0);
    first.socket.destroy();
    const { slot, status, message } = await log.next();
    assert.equal(
      [slot, status, message],
      [0, Status.UNAVAILABLE, "the server closed the connection"],
    );
    second.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    const third = await peer.accept();
    call(0);
    await third.request();
    assert.is(third.rest, "");
    third.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    assert.is(log.sent.length <= 1, true);
  }));

test("a connection that the server ends between requests is opened again unseen", () =>
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
  }));

for (const [what, fields] of [
  ["Connection: close", ["Connection: close"]],
  ["no length", null],
] as const) {
  test(`a response with ${what} is the last of its connection`, () =>
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

test("a response that nobody asked for costs the connection, and no call", () =>
  withGateway(1, async ({ call, log, peer }, connection) => {
    connection.respond("{}", "408 Request Timeout");
    const next = await peer.accept();
    call(0);
    await next.request();
    next.respond("{}");
    assert.is(await log.nextStatus(), Status.OK);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("a cancelled request takes its connection with it, and the next one waits for another", () =>
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

test("a request that waits for a connection that cannot be had is unavailable", () =>
  withGateway(1, async ({ call, log, peer, transport }, connection) => {
    await peer.close();
    await until("the connection is gone", () => transport.readyConnections === 0, 1);
    call(0);
    const { status, message } = await log.next();
    assert.is(status, Status.UNAVAILABLE);
    assert.match(message, /ECONNREFUSED/);
    await until("the client has closed it", () => connection.isClosed, 1);
  }));

test("requests after the first of a flush tell when they leave", () =>
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

test("a token that is refused is renewed, and its request sent again with the new one", () => {
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

test("over TLS the server may choose HTTP/1.1 or nothing, and no other protocol", async () => {
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

test("a connection that cannot be opened says why", async () => {
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

test("streams, and two slots on one connection, are refused", () =>
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
