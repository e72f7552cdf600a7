import { test } from "uvu";
import * as assert from "uvu/assert";
import { AnswerJson } from "../../../src/gateway/answer-json.ts";
import { AnswerMessage } from "../../../src/gateway/answer-message.ts";
import { gatewayError, gatewayMethod } from "../../../src/gateway/etcd-json.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import { seededRandom } from "../../../src/random.ts";

const RANGE = gatewayMethod("/etcdserverpb.KV/Range").answer;
const PUT = gatewayMethod("/etcdserverpb.KV/Put").answer;

/** Reads a response from these pieces; returns its message, or a fault. */
function readIn(pieces: readonly Buffer[], fields = RANGE): Buffer | string {
  const parts: Buffer[] = [];
  const json = new AnswerJson(
    new AnswerMessage((bytes, end) => parts.push(Buffer.from(bytes.subarray(0, end)))),
  );
  json.begin(fields);
  // The octet after the piece is not part of the response, as in a shared read buffer.
  const room = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)) + 1);
  for (const piece of pieces) {
    room.set(piece);
    room[piece.length] = "}".charCodeAt(0);
    json.read(room, 0, piece.length);
  }
  return json.end() || Buffer.concat(parts);
}

/** Reads the text whole, octet by octet, and in any two pieces; all results must be equal. */
function read(text: string, fields = RANGE): Buffer | string {
  const bytes = Buffer.from(text);
  const whole = readIn([bytes], fields);
  const each = Array.from(bytes, (byte) => Buffer.of(byte));
  assert.equal(readIn(each, fields), whole, "octet by octet");
  for (let at = 0; at < bytes.length; at++) {
    const inTwo = readIn([bytes.subarray(0, at), bytes.subarray(at)], fields);
    assert.ok(areEqual(inTwo, whole), `at ${at}`);
  }
  return whole;
}

function areEqual(one: Buffer | string, other: Buffer | string): boolean {
  return typeof one === "string" || typeof other === "string" ? one === other : one.equals(other);
}

const HEADER = {
  clusterId: "9878358376697051356",
  memberId: "18446744073709551615",
  revision: "4294967296",
  raftTerm: "2",
};
const HEADER_JSON =
  '"header":{"cluster_id":"9878358376697051356","member_id":"18446744073709551615",' +
  '"revision":"4294967296","raft_term":"2"}';
const KEY_VALUE = { key: Buffer.from("foo"), createRevision: 2, modRevision: 300, version: 1 };
const KEY_VALUE_JSON =
  '{"key":"Zm9v","create_revision":"2","mod_revision":"300","version":"1","value":"YmFyIQ=="}';

const rangeMessage = (fields: object) => encodeMessage("etcdserverpb.RangeResponse", fields);

test("a JSON response of etcd becomes the same octets as over gRPC", () => {
  const kv = { ...KEY_VALUE, value: Buffer.from("bar!") };
  assert.equal(
    read(`{${HEADER_JSON},"kvs":[${KEY_VALUE_JSON},${KEY_VALUE_JSON}],"more":true,"count":"7"}`),
    rangeMessage({ header: HEADER, kvs: [kv, kv], more: true, count: 7 }),
  );
  assert.equal(
    read(`{${HEADER_JSON},"prev_kv":${KEY_VALUE_JSON}}`, PUT),
    encodeMessage("etcdserverpb.PutResponse", { header: HEADER, prevKv: kv }),
  );
  assert.equal(read("{}"), Buffer.alloc(0));
});

test("spaces between values, which etcd 3.5 inserts randomly, are ignored", () => {
  const text = '\r\n{ "kvs" :\t[ { "key" : "Zm9v" , "lease":"1" } , {} ] , "more" : true }\n ';
  assert.equal(
    read(text),
    rangeMessage({ kvs: [{ key: Buffer.from("foo"), lease: 1 }, {}], more: true }),
  );
});

test("zero, false, null and empty values are the same as missing ones", () => {
  const text =
    '{"header":null,"kvs":[{"key":"","version":"0","value":null}],"more":false,"count":0}';
  assert.equal(read(text), rangeMessage({ kvs: [{}] }));
  assert.equal(read('{"kvs":[]}'), Buffer.alloc(0));
});

test("numbers, camel-case names and escapes are read, and unknown fields are skipped", () => {
  const text =
    '{"header":{"raftTerm":12},"kvs":[{"key":"AA\\u0042\\/","unknown":[1,{"key":"x"},"\\"}"]}],' +
    '"future":{"a":[[],{}],"b":-1.5e-7,"c":true},"co\\u0075nt":"3"}';
  const key = Buffer.from("AAB/", "base64");
  assert.equal(read(text), rangeMessage({ header: { raftTerm: 12 }, kvs: [{ key }], count: 3 }));
});

test("random responses become the message that they were made from, for any pieces", () => {
  const random = seededRandom(7, 1);
  const draw = (most: number) => Math.floor(random() * most);
  const octets = () => Buffer.from(Array.from({ length: draw(60) }, () => draw(256)));
  for (let round = 0; round < 30; round++) {
    const kvs = Array.from({ length: draw(5) }, () => ({
      key: octets(),
      createRevision: String(draw(2 ** 40)),
      version: String(draw(3)),
      value: octets(),
    }));
    const message = rangeMessage({
      kvs: kvs.map(({ key, value, ...numbers }) => ({
        ...(key.length > 0 && { key }),
        ...Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== "0")),
        ...(value.length > 0 && { value }),
      })),
    });
    const text = JSON.stringify({
      kvs: kvs.map(({ key, createRevision, version, value }) => ({
        key: key.toString("base64"),
        create_revision: createRevision,
        version,
        value: value.toString("base64"),
      })),
    });
    assert.equal(read(text), message);
  }
});

test("a large response is passed on in whole fields, and only the current field is kept", () => {
  const value = Buffer.alloc(5_000, 7);
  const kvs = Array.from({ length: 20 }, (_, key) => ({ key: Buffer.from(`k${key}`), value }));
  const text = JSON.stringify({
    kvs: kvs.map(({ key }) => ({ key: key.toString("base64"), value: value.toString("base64") })),
  });
  const parts: Buffer[] = [];
  const json = new AnswerJson(
    new AnswerMessage((bytes, end) => parts.push(Buffer.from(bytes.subarray(0, end)))),
  );
  for (let round = 0; round < 2; round++) {
    json.begin(RANGE);
    parts.length = 0;
    for (let at = 0; at < text.length; at += 999) {
      const piece = Buffer.from(text.slice(at, at + 999));
      json.read(piece, 0, piece.length);
    }
    assert.is(json.end(), "");
    assert.equal(Buffer.concat(parts), rangeMessage({ kvs }));
    assert.ok(
      parts.length > 3 && parts.every(({ length }) => length < 32 * 1024),
      `${parts.length}`,
    );
    for (const part of parts) {
      const found = decodeMessage<{ kvs: unknown[] }>("etcdserverpb.RangeResponse", part);
      assert.ok(found.kvs.length > 0);
    }
  }
});

for (const [what, text, expected] of [
  ["an empty response", "", /cut off/],
  ["an object that is cut off", '{"kvs":[{"key":"Zm9v"', /cut off/],
  ["an HTML page", "<html>", /no JSON/],
  ["an array", "[]", /no JSON/],
  ["a word", "true", /no JSON/],
  ["two objects", "{}{}", /no JSON/],
  ["an extra comma", '{"more":true,}', /no JSON/],
  ["an extra comma in an array", '{"kvs":[{},]}', /no JSON/],
  ["a missing colon", '{"more" true}', /no JSON/],
  ["a missing name", "{true}", /no JSON/],
  ["a wrong closing bracket", '{"kvs":[{}}', /no JSON/],
  ["an unknown word", '{"more":yes}', /no JSON/],
  ["an invalid number", '{"future":1.2.3}', /no JSON/],
  ["a line break in a string", '{"future":"a\nb"}', /no JSON/],
  ["an unknown escape", '{"future":"\\x"}', /no JSON/],
  ["an invalid Unicode escape", '{"future":"\\u00g0"}', /no JSON/],
  ["a key with characters of no base64 alphabet", '{"kvs":[{"key":"Z*9v"}]}', /key is no base64/],
  ["a key that is cut off", '{"kvs":[{"key":"Zm9vZ"}]}', /base64 is cut off/],
  ["a key that is a number", '{"kvs":[{"key":1}]}', /key has a value of another type/],
  ["a number that is not in digits", '{"count":"many"}', /count has a value of another type/],
  ["an empty number", '{"count":""}', /count has a value of another type/],
  ["a negative number", '{"count":"-1"}', /count has a value of another type/],
  ["a number beyond 64 bits", '{"count":"18446744073709551616"}', /another type/],
  ["a number with too many digits", `{"count":"${"0".repeat(70)}"}`, /another type/],
  ["a word instead of a number", '{"count":true}', /another type/],
  ["a string instead of a word", '{"more":"true"}', /another type/],
  ["a string instead of a message", '{"header":"x"}', /header has a value of another type/],
  ["a message instead of a number", '{"count":{}}', /count has a value of another type/],
  ["too deep nesting", `{"future":${"[".repeat(40)}`, /nested too deep/],
] as const) {
  test(`${what} is refused`, () => {
    const found = read(text);
    assert.match(typeof found === "string" ? found : "no fault", expected);
  });
}

test("an endless field is refused before memory grows", () => {
  const json = new AnswerJson(new AnswerMessage(() => {}));
  json.begin(RANGE);
  const start = Buffer.from('{"kvs":[{"value":"');
  json.read(start, 0, start.length);
  const more = Buffer.alloc(4 * 1024 * 1024, "A");
  for (let sent = 0; sent < 100 * 1024 * 1024; sent += more.length) json.read(more, 0, more.length);
  assert.match(json.end(), /a field of the answer is longer than 64 MiB/);
});

test("an error has a code and a message, in the format of either of etcd's gateways", () => {
  const newer = '{"code":3, "message":"etcdserver: key is not provided", "details":[]}';
  const older = '{"error":"etcdserver: no leader","message":"etcdserver: no leader","code":14}';
  assert.equal(gatewayError(newer), { code: 3, message: "etcdserver: key is not provided" });
  assert.equal(gatewayError(older), { code: 14, message: "etcdserver: no leader" });
  assert.equal(gatewayError('{"error":"x","code":2}'), { code: 2, message: "x" });
  assert.equal(gatewayError('{"code":2}'), { code: 2, message: "" });
  for (const other of [
    "",
    "<html>",
    "[]",
    "null",
    "7",
    "{}",
    '{"code":"3"}',
    '{"code":0}',
    '{"code":17}',
    '{"code":1.5}',
  ]) {
    assert.is(gatewayError(other), null, other);
  }
});

test.run();
