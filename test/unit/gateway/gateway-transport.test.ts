/** Requests and responses through the gateway: JSON, errors and failures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeMessage } from "../../../src/protos.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { until } from "../../harness/conditions.ts";
import { KEY, RANGE, RANGE_MESSAGE, withGateway } from "./gateway-rig.ts";

test("a put is sent as JSON, and its response ends the call", () =>
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

test("a range's response is returned as a gRPC message, for any pieces", () =>
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
  ["a server that sends invalid JSON", "200 OK", "{]", Status.INTERNAL, "the answer is no JSON"],
  [
    "a server that sends half an object",
    "200 OK",
    '{"header":{',
    Status.INTERNAL,
    "the answer's JSON is cut off",
  ],
] as const) {
  test(`an error of ${what} ends the call with its code, and the connection is kept`, () =>
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

test("a response that is not JSON fails the call", () =>
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

test("a response that is not HTTP/1.1 fails the call, and another connection is opened", () =>
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

test("a dropped connection fails its request once, and nothing is sent again", () =>
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

test.run();
