/** Errors that end a connection: the client sends the error code, and each call fails once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ErrorCode, errorCodeName } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import type { PeerConnection } from "../../peers/wire-peer.ts";
import { serializeFrame } from "../../peers/wire-peer-frames.ts";
import { expectRequest, withWire } from "./wire-client.ts";

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, COMPRESSION_ERROR } = ErrorCode;
const HEADERS = { ":status": "200", "content-type": "application/grpc" };
const MAX_WINDOW = 2 ** 31 - 1;

/** Frames that break a rule while streams 1 and 3 are open and stream 5 is idle. */
const BREAKS: [what: string, send: (peer: PeerConnection) => void, code: number][] = [
  [
    "PUSH_PROMISE",
    (peer) => peer.sendFrame("PUSH_PROMISE", 4, 1, Buffer.from("0000000288", "hex")),
    PROTOCOL_ERROR,
  ],
  ["HEADERS on an idle stream", (peer) => peer.sendHeaders(5, HEADERS), PROTOCOL_ERROR],
  ["HEADERS on a server-initiated stream", (peer) => peer.sendHeaders(2, HEADERS), PROTOCOL_ERROR],
  ["DATA on an idle stream", (peer) => peer.sendData(99, Buffer.alloc(1)), PROTOCOL_ERROR],
  ["RST_STREAM on an idle stream", (peer) => peer.sendRstStream(5, 8), PROTOCOL_ERROR],
  ["WINDOW_UPDATE on an idle stream", (peer) => peer.sendWindowUpdate(5, 1), PROTOCOL_ERROR],
  ["the connection's WINDOW_UPDATE of 0", (peer) => peer.sendWindowUpdate(0, 0), PROTOCOL_ERROR],
  [
    "a connection window above 2^31-1",
    (peer) => peer.sendWindowUpdate(0, MAX_WINDOW),
    FLOW_CONTROL_ERROR,
  ],
  ["ENABLE_PUSH of 1", (peer) => peer.sendSettings({ enablePush: 1 }), PROTOCOL_ERROR],
  [
    "MAX_FRAME_SIZE of 16383",
    (peer) => peer.sendSettings({ maxFrameSize: 16_383 }),
    PROTOCOL_ERROR,
  ],
  [
    "MAX_FRAME_SIZE of 2^24",
    (peer) => peer.sendSettings({ maxFrameSize: 2 ** 24 }),
    PROTOCOL_ERROR,
  ],
  [
    "INITIAL_WINDOW_SIZE of 2^31",
    (peer) => peer.sendSettings({ initialWindowSize: 2 ** 31 }),
    FLOW_CONTROL_ERROR,
  ],
  [
    "a frame above 16,384 octets",
    (peer) => peer.sendData(1, Buffer.alloc(16_385)),
    FRAME_SIZE_ERROR,
  ],
  [
    "a block cut short",
    (peer) => peer.sendHeaders(1, Buffer.from("0003", "hex")),
    COMPRESSION_ERROR,
  ],
  [
    "a block that refers to a dynamic table",
    (peer) => peer.sendHeaders(1, Buffer.from("88be", "hex")),
    COMPRESSION_ERROR,
  ],
  [
    "a table larger than the limit",
    (peer) => peer.sendHeaders(1, Buffer.from("3fe11f88", "hex")),
    COMPRESSION_ERROR,
  ],
  [
    "a block that does not decode, on a stream that has ended",
    (peer) => {
      peer.sendGrpcOk(3);
      peer.sendHeaders(3, Buffer.from("80", "hex"));
    },
    COMPRESSION_ERROR,
  ],
  [
    "a header list above the limit",
    (peer) => {
      // The octets are within the limit, but as a list each field counts 32 more.
      const field = Buffer.concat([Buffer.from("000178", "hex"), Buffer.from("7fb974", "hex")]);
      const part = Buffer.concat([field, Buffer.alloc(15_032, 0x61)]);
      const tiny = Buffer.concat(
        Array.from({ length: 1_500 }, () => Buffer.from("00017800", "hex")),
      );
      const block = Buffer.concat([Buffer.of(0x88), part, part, part, tiny]);
      peer.sendHeaders(1, block, { continuationAt: [16_000, 32_000, 46_000] });
    },
    COMPRESSION_ERROR,
  ],
  [
    "an endless header block",
    (peer) => {
      peer.sendFrame("HEADERS", 0, 1, Buffer.of(0x88));
      for (let part = 0; part < 70; part++) peer.sendFrame("CONTINUATION", 0, 1);
    },
    ErrorCode.ENHANCE_YOUR_CALM,
  ],
  ["a PING of 9 octets", (peer) => peer.sendFrame("PING", 0, 0, Buffer.alloc(9)), FRAME_SIZE_ERROR],
];

for (const [what, send, code] of BREAKS) {
  test(`${what} ends the connection with ${errorCodeName(code)}, and calls go on over a new one`, async () => {
    await withWire({ slots: 3 }, async ({ peer, client, log, connection }) => {
      client.call(0);
      client.call(1);
      await expectRequest(connection);
      await expectRequest(connection);
      send(connection);
      // The client must not read what follows the error: a success here would end the call twice.
      connection.sendRaw(serializeFrame("RST_STREAM", 0, 1, Buffer.alloc(4)));
      const goaway = await connection.expectGoaway({ skip: ["SETTINGS"] });
      assert.is(errorCodeName(goaway.errorCode), errorCodeName(code));
      await connection.expectClose();
      const ends = [await log.next(), await log.next()];
      assert.equal(ends.map(({ slot }) => slot).sort(), [0, 1]);
      for (const { slot, status, message } of ends) {
        if (status === Status.OK) continue;
        assert.equal([slot, status], [slot, Status.UNAVAILABLE]);
        assert.match(message, /^the server broke HTTP\/2: /);
        assert.ok(message.includes(errorCodeName(code)), message);
      }
      assert.ok(ends.some(({ status }) => status === Status.UNAVAILABLE));

      client.call(2);
      const second = await peer.accept();
      await second.handshake();
      const { streamId } = await expectRequest(second);
      assert.is(streamId, 1);
      second.sendGrpcOk(streamId);
      assert.equal(await log.next(), { slot: 2, status: Status.OK, message: "" });
      assert.is(log.ends.length, 3);
    });
  });
}

test("SETTINGS that raise a held stream's window above 2^31-1 end the connection", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0, Buffer.alloc(70_000));
    const { streamId } = await connection.expectHeaders();
    connection.sendWindowUpdate(streamId, MAX_WINDOW);
    await connection.expectNothing({ skip: ["DATA"] });
    connection.sendSettings({ initialWindowSize: 65_536 });
    const { errorCode } = await connection.expectGoaway({ skip: ["SETTINGS"] });
    assert.is(errorCode, FLOW_CONTROL_ERROR);
    assert.is(await log.nextStatus(), Status.UNAVAILABLE);
  });
});

test.run();
