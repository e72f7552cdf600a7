import { test } from "uvu";
import * as assert from "uvu/assert";
import { gatewayMethod } from "../../../src/gateway/etcd-json.ts";
import { GatewayTemplate, requestHead } from "../../../src/gateway/gateway-template.ts";
import { RequestJson } from "../../../src/gateway/request-json.ts";
import { encodeMessage } from "../../../src/protos.ts";
import { CallMode } from "../../../src/wire/transport.ts";

const PUT = "/etcdserverpb.KV/Put";
const RANGE = "/etcdserverpb.KV/Range";

/** The JSON of a message; checks that it fits the calculated maximum size. */
function json(path: string, message: Buffer): string {
  const writer = new RequestJson(gatewayMethod(path).request);
  const out = Buffer.alloc(1 + writer.mostBytes(message.length), 0xee);
  const end = writer.write(
    Buffer.concat([Buffer.from("x"), message]),
    1,
    message.length + 1,
    out,
    1,
  );
  assert.ok(end <= out.length, `${end}`);
  assert.is(out[0], 0xee);
  return out.toString("latin1", 1, end);
}

const put = (fields: object) => json(PUT, encodeMessage("etcdserverpb.PutRequest", fields));
const range = (fields: object) => json(RANGE, encodeMessage("etcdserverpb.RangeRequest", fields));

test("keys and values are in base64", () => {
  assert.is(
    put({ key: Buffer.from("foo"), value: Buffer.from("bar") }),
    '{"key":"Zm9v","value":"YmFy"}',
  );
  const octets = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  assert.equal(JSON.parse(put({ key: octets, value: octets })), {
    key: octets.toString("base64"),
    value: octets.toString("base64"),
  });
});

test("64-bit numbers are strings, and enums are numbers", () => {
  const key = Buffer.from("k");
  for (const lease of [
    "1",
    "9",
    "10",
    "127",
    "128",
    "9007199254740993",
    "9223372036854775807",
    "-1",
  ]) {
    assert.equal(JSON.parse(put({ key, lease })), { key: "aw==", lease });
  }
  assert.is(
    range({ key, rangeEnd: Buffer.from("l"), limit: 100, sortOrder: "DESCEND", sortTarget: "MOD" }),
    '{"key":"aw==","range_end":"bA==","limit":"100","sort_order":2,"sort_target":3}',
  );
});

test("zero values are left out, at any place", () => {
  const key = Buffer.from("k");
  const nothing = Buffer.alloc(0);
  assert.is(put({ key: nothing, value: nothing, lease: 0, prevKv: false }), "{}");
  assert.is(put({ key: nothing, value: key, prevKv: true }), '{"value":"aw==","prev_kv":true}');
  assert.is(range({ key, limit: 0, serializable: true }), '{"key":"aw==","serializable":true}');
});

test("length fields with more octets than necessary are read", () => {
  // Field 1 with its length 3 in five octets; field 3 with a padded 1.
  const message = Buffer.from([
    0x0a, 0x83, 0x80, 0x80, 0x80, 0x00, 0x66, 0x6f, 0x6f, 0x18, 0x81, 0x00,
  ]);
  assert.is(json(PUT, message), '{"key":"Zm9v","lease":"1"}');
});

test("an unknown field is an error, and so is a method without a gateway path", () => {
  assert.throws(() => json(PUT, Buffer.from([0x78, 0x01])), /has a field that its message lacks/);
  assert.throws(() => gatewayMethod("/etcdserverpb.KV/Txn"), /not sent through the grpc-gateway/);
});

test("a request is a head with the length of its JSON, and changes with the template", () => {
  const message = encodeMessage("etcdserverpb.PutRequest", {
    key: Buffer.from("foo"),
    value: Buffer.from("bar!"),
  });
  const template = new GatewayTemplate(PUT, 0, message, CallMode.UNARY);
  const head = requestHead(PUT, "127.0.0.1:2379", "a.token");
  const out = Buffer.alloc(template.mostBytes(head));
  const sent = () => out.toString("latin1", 0, template.write(head, out));
  const expected = (length: number, body: string) =>
    [
      "POST /v3/kv/put HTTP/1.1",
      "Host: 127.0.0.1:2379",
      "User-Agent: etcd-bench",
      "Content-Type: application/json",
      "Authorization: a.token",
      `Content-Length: ${String(length).padStart(10)}`,
      "",
      body,
    ].join("\r\n");
  assert.is(sent(), expected(33, '{"key":"Zm9v","value":"YmFyIQ=="}'));
  template.bytes.write("goo", template.messageOffset + 2);
  assert.is(sent(), expected(33, '{"key":"Z29v","value":"YmFyIQ=="}'));
  template.resize(5);
  assert.is(sent(), expected(14, '{"key":"Z29v"}'));
  assert.is(template.messageBytes, 5);
});

test("the Host field is the endpoint without a zone, and without a token there is no Authorization", () => {
  const head = requestHead(RANGE, "[fe80::1%eth0]:2379", null).toString("latin1");
  assert.match(head, /^POST \/v3\/kv\/range HTTP\/1\.1\r\nHost: \[fe80::1\]:2379\r\n/);
  assert.not.match(head, /Authorization/);
});

test.run();
