/** Streaming calls and requested responses over the wire, against the scripted peer. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";
import { PATH, withWire } from "./wire-client.ts";

const HEADERS: [string, string][] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];
const OK: [string, string][] = [["grpc-status", "0"]];

test("a stream stays open in both directions, and messages of both sides arrive", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    const template = client.transport.template(PATH, Buffer.from("one"), CallMode.STREAM);
    log.inFlight.add(0);
    client.transport.call(0, template);
    client.transport.flush();
    const { streamId, endStream } = await connection.expectHeaders();
    assert.not(endStream);
    const first = await connection.expectData();
    assert.equal([first.bytes, first.endStream], [grpcMessage(Buffer.from("one")), false]);

    template.bytes.set(Buffer.from("two"), template.messageOffset);
    client.transport.send(0, template);
    client.transport.flush();
    const second = await connection.expectData();
    assert.equal([second.bytes, second.endStream], [grpcMessage(Buffer.from("two")), false]);

    connection.sendHeaders(streamId, HEADERS);
    // Two messages and an empty one in one frame, then a message in three frames.
    const joined = Buffer.concat(["a", "bb", ""].map((text) => grpcMessage(Buffer.from(text))));
    connection.sendData(streamId, joined);
    const long = grpcMessage(Buffer.from("0123456789"));
    connection.sendData(streamId, long.subarray(0, 3));
    connection.sendData(streamId, long.subarray(3, 9));
    connection.sendData(streamId, long.subarray(9));
    connection.sendHeaders(streamId, OK, { endStream: true });
    assert.equal(await log.next(), { slot: 0, status: Status.OK, message: "" });
    assert.equal(
      log.messages.map(([slot, bytes]) => [slot, bytes.toString()]),
      [
        [0, "a"],
        [0, "bb"],
        [0, ""],
        [0, "0123456789"],
      ],
    );
  });
});

test("a stream's messages wait for its window in order, and later template changes do not matter", async () => {
  const settings = { initialWindowSize: 10 };
  await withWire({ settings }, async ({ client, log, connection }) => {
    const template = client.transport.template(PATH, Buffer.from("aaaa"), CallMode.STREAM);
    log.inFlight.add(0);
    client.transport.call(0, template);
    for (const text of ["bbbb", "cccc"]) {
      template.bytes.set(Buffer.from(text), template.messageOffset);
      client.transport.send(0, template);
    }
    template.bytes.fill(0x7a, template.messageOffset);
    client.transport.flush();
    const { streamId } = await connection.expectHeaders();
    let got = Buffer.alloc(0);
    const want = Buffer.concat(
      ["aaaa", "bbbb", "cccc"].map((each) => grpcMessage(Buffer.from(each))),
    );
    while (got.length < want.length) {
      const { bytes, endStream } = await connection.expectData();
      assert.not(endStream);
      got = Buffer.concat([got, bytes]);
      connection.sendWindowUpdate(streamId, bytes.length);
    }
    assert.equal(got, want);
    client.cancel(0);
    await connection.expectRstStream();
  });
});

test("a stream's messages share the connection's window, and the one above the window waits", async () => {
  const settings = { initialWindowSize: 1_000_000 };
  await withWire({ settings }, async ({ client, log, connection }) => {
    const message = Buffer.alloc(16_000, 0x61);
    const template = client.transport.template(PATH, message, CallMode.STREAM);
    log.inFlight.add(0);
    client.transport.call(0, template);
    for (let more = 0; more < 4; more++) client.transport.send(0, template);
    client.transport.flush();
    await connection.expectHeaders();
    const whole = 5 * grpcMessage(message).length;
    let gotBytes = 0;
    while (gotBytes < 65_535) gotBytes += (await connection.expectData()).bytes.length;
    assert.is(gotBytes, 65_535);
    await connection.expectNothing();
    connection.sendWindowUpdate(0, 1_000_000);
    while (gotBytes < whole) gotBytes += (await connection.expectData()).bytes.length;
    assert.is(gotBytes, whole);
    client.cancel(0);
    await connection.expectRstStream();
  });
});

test("a message sent on an ended stream is dropped", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    const template = client.transport.template(PATH, Buffer.from("x"), CallMode.STREAM);
    log.inFlight.add(0);
    client.transport.call(0, template);
    client.transport.flush();
    const { streamId } = await connection.expectHeaders();
    await connection.expectData();
    connection.sendTrailersOnly(streamId, Status.UNAVAILABLE, "gone");
    assert.is((await log.next()).message, "gone");
    client.transport.send(0, template);
    client.transport.flush();
    // The client's side was open; the client resets the stream so that the server can forget it.
    const errorCode = ErrorCode.CANCEL;
    assert.equal(await connection.expectRstStream(), { streamId, errorCode });
    await connection.expectNothing();
  });
});

test("a unary call that requests its response gets the message before its end", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    const template = client.transport.template(PATH, Buffer.from("x"), CallMode.UNARY_ANSWER);
    log.inFlight.add(0);
    let messagesAtEnd = -1;
    log.onEnd = () => {
      messagesAtEnd = log.messages.length;
    };
    client.transport.call(0, template);
    client.transport.flush();
    const { streamId } = await connection.expectHeaders();
    assert.ok((await connection.expectData()).endStream);
    connection.sendGrpcOk(streamId, Buffer.from("answer"));
    assert.is(await log.nextStatus(), Status.OK);
    assert.is(messagesAtEnd, 1);
    assert.is(log.messages[0]![1].toString(), "answer");
  });
});

test("after a stream is cancelled inside a message callback, the rest of the chunk is dropped", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    const template = client.transport.template(PATH, Buffer.from("x"), CallMode.STREAM);
    log.inFlight.add(0);
    log.onEach = (slot) => client.cancel(slot);
    client.transport.call(0, template);
    client.transport.flush();
    const { streamId } = await connection.expectHeaders();
    await connection.expectData();
    connection.sendHeaders(streamId, HEADERS);
    connection.sendData(
      streamId,
      Buffer.concat([grpcMessage(Buffer.from("1")), grpcMessage(Buffer.from("2"))]),
    );
    await connection.expectRstStream();
    await connection.expectNothing();
    assert.is(log.messages.length, 1);
  });
});

test.run();
