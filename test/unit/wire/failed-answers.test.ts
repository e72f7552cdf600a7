/** How a unary call fails on HTTP statuses and resets, and how it ignores late frames. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status, statusName } from "../../../src/wire/grpc-status.ts";
import { answerTest, END, HEADERS } from "./answer-test.ts";
import { expectRequest, withWire } from "./wire-client.ts";

const HTTP_STATUSES: [http: string, status: number][] = [
  ["400", Status.INTERNAL],
  ["401", Status.UNAUTHENTICATED],
  ["403", Status.PERMISSION_DENIED],
  ["404", Status.UNIMPLEMENTED],
  ["429", Status.UNAVAILABLE],
  ["502", Status.UNAVAILABLE],
  ["503", Status.UNAVAILABLE],
  ["504", Status.UNAVAILABLE],
  ["500", Status.UNKNOWN],
  ["204", Status.UNKNOWN],
];

for (const [http, status] of HTTP_STATUSES) {
  answerTest(
    `a proxy's ${http} without a body is ${statusName(status)}`,
    { status, message: `HTTP status ${http} from the server "proxy"` },
    (peer, id) => peer.sendHeaders(id, { ":status": http, server: "proxy" }, END),
  );
}

answerTest(
  "a proxy's 503 with a page is UNAVAILABLE, and the client cancels the rest of the page",
  { status: Status.UNAVAILABLE, message: "HTTP status 503", reset: ErrorCode.CANCEL },
  (peer, id) => {
    peer.sendHeaders(id, { ":status": "503", "content-type": "text/html" });
    peer.sendData(id, Buffer.from("<h1>Service Unavailable</h1>"), END);
  },
);

answerTest(
  "an HTML page with status 200 is not gRPC",
  { status: Status.UNKNOWN, message: /content-type is not gRPC/, reset: ErrorCode.CANCEL },
  (peer, id) => {
    peer.sendHeaders(id, { ":status": "200", "content-type": "text/html" });
    peer.sendData(id, Buffer.from("<h1>Welcome</h1>"), END);
  },
);

answerTest(
  "gRPC-web is not gRPC",
  { status: Status.UNKNOWN, message: /content-type is not gRPC/ },
  (peer, id) =>
    peer.sendHeaders(id, { ":status": "200", "content-type": "application/grpc-web" }, END),
);

answerTest(
  "a failed HTTP response with grpc-status takes its status from it",
  { status: Status.RESOURCE_EXHAUSTED, message: "slow down" },
  (peer, id) => {
    const fields = { ":status": "429", "grpc-status": "8", "grpc-message": "slow down" };
    peer.sendHeaders(id, fields, END);
  },
);

const RESETS: [code: number, status: number][] = [
  [ErrorCode.NO_ERROR, Status.INTERNAL],
  [ErrorCode.PROTOCOL_ERROR, Status.INTERNAL],
  [ErrorCode.INTERNAL_ERROR, Status.INTERNAL],
  [ErrorCode.FLOW_CONTROL_ERROR, Status.INTERNAL],
  [ErrorCode.SETTINGS_TIMEOUT, Status.INTERNAL],
  [ErrorCode.STREAM_CLOSED, Status.INTERNAL],
  [ErrorCode.FRAME_SIZE_ERROR, Status.INTERNAL],
  [ErrorCode.CANCEL, Status.CANCELLED],
  [ErrorCode.COMPRESSION_ERROR, Status.INTERNAL],
  [ErrorCode.CONNECT_ERROR, Status.INTERNAL],
  [ErrorCode.ENHANCE_YOUR_CALM, Status.RESOURCE_EXHAUSTED],
  [ErrorCode.INADEQUATE_SECURITY, Status.PERMISSION_DENIED],
  [ErrorCode.HTTP_1_1_REQUIRED, Status.INTERNAL],
  [0x2a, Status.INTERNAL],
];

for (const [code, status] of RESETS) {
  answerTest(
    `RST_STREAM with code ${code} is ${statusName(status)}`,
    { status, message: /the server reset the stream \((\w+|error 0x2a)\)/ },
    (peer, id) => peer.sendRstStream(id, code),
  );
}

answerTest(
  "RST_STREAM in the middle of an answer ends the call",
  { status: Status.CANCELLED, message: /CANCEL/ },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, Buffer.alloc(5));
    peer.sendRstStream(id, ErrorCode.CANCEL);
  },
);

test("a request refused with REFUSED_STREAM is reported as unprocessed", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendRstStream(streamId, ErrorCode.REFUSED_STREAM);
    assert.is(await log.nextStatus(), "unprocessed");
    await connection.expectNothing();
  });
});

test("a call that starts when another one ends is sent at once", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    log.onEnd = () => {
      if (log.ends.length < 5) client.queue(0);
    };
    client.call(0);
    for (let turn = 0; turn < 5; turn++) {
      const { streamId } = await expectRequest(connection);
      assert.is(streamId, 1 + 2 * turn);
      connection.sendGrpcOk(streamId);
    }
    for (let turn = 0; turn < 5; turn++) assert.is(await log.nextStatus(), Status.OK);
  });
});

test("frames on a stream that has ended are ignored", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendGrpcOk(streamId);
    assert.is(await log.nextStatus(), Status.OK);
    connection.sendRstStream(streamId, ErrorCode.NO_ERROR);
    connection.sendWindowUpdate(streamId, 1_000);
    connection.sendData(streamId, Buffer.from("late"));
    connection.sendHeaders(streamId, { "grpc-status": "13" }, END);
    await connection.expectNothing();
    assert.is(log.ends.length, 1);
  });
});

test("a cancelled call resets its stream, and its late response is ignored", async () => {
  await withWire({ slots: 2 }, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    client.cancel(0);
    assert.equal(await connection.expectRstStream(), { streamId, errorCode: ErrorCode.CANCEL });
    client.call(0);
    const again = await expectRequest(connection);
    connection.sendGrpcOk(streamId, Buffer.from("late"));
    connection.sendTrailersOnly(again.streamId, Status.ABORTED, "in time");
    assert.equal(await log.next(), { slot: 0, status: Status.ABORTED, message: "in time" });
    await connection.expectNothing();
    assert.is(log.ends.length, 1);
  });
});

test.run();
