/** What answers mean to a unary call, in all the shapes that HTTP/2 and gRPC allow, and others. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status, statusName } from "../../../src/wire/grpc-status.ts";
import { encodeHeaderBlock } from "../../../src/wire/hpack/encoder.ts";
import { grpcMessage, type PeerConnection } from "../../peers/wire-peer.ts";
import { FLAG, serializeFrame } from "../../peers/wire-peer-frames.ts";
import { expectRequest, withWire } from "./wire-client.ts";

const HEADERS = { ":status": "200", "content-type": "application/grpc" };
const OK = { "grpc-status": "0" };
const END = { endStream: true };

interface Expected {
  status: number;
  message?: string | RegExp;
  /** The code with which the client resets the stream. */
  reset?: number;
}

type Answer = (connection: PeerConnection, streamId: number) => void | Promise<void>;

/** Answers one call so, checks its end, and that the connection carries the next call. */
function answerTest(name: string, expected: Expected, answer: Answer): void {
  test(name, async () => {
    await withWire({}, async ({ client, log, connection }) => {
      client.call(0);
      const { streamId } = await expectRequest(connection);
      await answer(connection, streamId);
      const { status, message } = await log.next();
      assert.is(statusName(Number(status)), statusName(expected.status), message);
      if (expected.message instanceof RegExp) assert.match(message, expected.message);
      else assert.is(message, expected.message ?? "");
      if (expected.reset !== undefined) {
        assert.equal(await connection.expectRstStream(), { streamId, errorCode: expected.reset });
      }
      client.call(0);
      const next = await expectRequest(connection);
      connection.sendGrpcOk(next.streamId);
      assert.is(await log.nextStatus(), Status.OK);
      await connection.expectNothing();
      assert.is(log.ends.length, 2);
    });
  });
}

answerTest("headers, a message and trailers are a success", { status: Status.OK }, (peer, id) =>
  peer.sendGrpcOk(id, Buffer.from("answer")),
);

answerTest("so are they octet by octet", { status: Status.OK }, (peer, id) =>
  peer.sendRawInPieces(
    Buffer.concat([
      serializeFrame("HEADERS", FLAG.endHeaders, id, encodeHeaderBlock(Object.entries(HEADERS))),
      serializeFrame("DATA", 0, id, grpcMessage(Buffer.from("answer"))),
      serializeFrame(
        "HEADERS",
        FLAG.endHeaders | FLAG.endStream,
        id,
        encodeHeaderBlock(Object.entries(OK)),
      ),
    ]),
  ),
);

answerTest("an empty message is a message", { status: Status.OK }, (peer, id) =>
  peer.sendGrpcOk(id),
);

answerTest(
  "padding, CONTINUATION and priority change nothing",
  { status: Status.OK },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS, {
      continuationAt: [0, 1, 1, 9],
      padding: 200,
      priority: { dependsOn: 0, weight: 256, exclusive: true },
    });
    const body = grpcMessage(Buffer.from("answer"));
    peer.sendData(id, body.subarray(0, 2), { padding: 255 });
    peer.sendData(id, Buffer.alloc(0), { padding: 0 });
    peer.sendData(id, body.subarray(2), { padding: 1 });
    peer.sendHeaders(id, OK, { ...END, padding: 0, continuationAt: 3 });
  },
);

answerTest(
  "a message split over DATA frames at every octet, with empty frames between, is one message",
  { status: Status.OK },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    for (const octet of grpcMessage(Buffer.from("answer"))) {
      peer.sendData(id, Buffer.of(octet));
      peer.sendData(id, Buffer.alloc(0));
    }
    peer.sendHeaders(id, OK, END);
  },
);

answerTest("a message of 512 KiB is one message", { status: Status.OK }, (peer, id) => {
  peer.sendHeaders(id, HEADERS);
  const body = grpcMessage(Buffer.alloc(1 << 19, 1));
  for (let at = 0; at < body.length; at += 16_384) {
    peer.sendData(id, body.subarray(at, at + 16_384));
  }
  peer.sendHeaders(id, OK, END);
});

answerTest("content-type application/grpc+proto is gRPC", { status: Status.OK }, (peer, id) => {
  peer.sendHeaders(id, { ":status": "200", "content-type": "application/grpc+proto" });
  peer.sendData(id, grpcMessage(Buffer.alloc(3)));
  peer.sendHeaders(id, OK, END);
});

answerTest("interim answers (1xx) come before the real one", { status: Status.OK }, (peer, id) => {
  peer.sendHeaders(id, { ":status": "100" });
  peer.sendHeaders(id, { ":status": "103", link: "</style>" });
  peer.sendGrpcOk(id);
});

answerTest(
  "an interim answer that ends the stream is malformed",
  { status: Status.INTERNAL, message: /interim/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => peer.sendHeaders(id, { ":status": "103" }, END),
);

answerTest(
  "trailers alone carry status and message",
  { status: Status.NOT_FOUND, message: "no such key" },
  (peer, id) => peer.sendTrailersOnly(id, Status.NOT_FOUND, "no such key"),
);

answerTest(
  "trailers behind a message carry a failure too",
  { status: Status.UNAVAILABLE, message: "etcdserver: leader changed" },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, grpcMessage(Buffer.alloc(2)));
    peer.sendHeaders(
      id,
      { "grpc-status": "14", "grpc-message": "etcdserver: leader changed" },
      END,
    );
  },
);

const MESSAGES: [sent: string, means: string][] = [
  ["50%25 of caf%C3%A9", "50% of café"],
  ["%E2%9C%93 %f0%9f%8e%89", "✓ 🎉"],
  ["cut %2", "cut %2"],
  ["no hex %zz%", "no hex %zz%"],
  ["bad utf-8 %ff", "bad utf-8 \ufffd"],
];
for (const [sent, means] of MESSAGES) {
  answerTest(
    `grpc-message ${sent} reads ${means}`,
    { status: Status.INTERNAL, message: means },
    (peer, id) => {
      peer.sendHeaders(id, { ...HEADERS, "grpc-status": "13", "grpc-message": sent }, END);
    },
  );
}

answerTest(
  "a status outside gRPC's list is kept",
  { status: 42, message: "of our own" },
  (peer, id) =>
    peer.sendHeaders(id, { ...HEADERS, "grpc-status": "42", "grpc-message": "of our own" }, END),
);

for (const value of [undefined, "", "-1", "zero", "0x0", "9999999999"]) {
  answerTest(
    `trailers with grpc-status ${value ?? "left out"} are UNKNOWN`,
    { status: Status.UNKNOWN, message: /grpc-status/ },
    (peer, id) => {
      peer.sendHeaders(id, HEADERS);
      peer.sendData(id, grpcMessage(Buffer.alloc(2)));
      peer.sendHeaders(id, value === undefined ? { "x-a": "b" } : { "grpc-status": value }, END);
    },
  );
}

answerTest(
  "OK without a message is INTERNAL",
  { status: Status.INTERNAL, message: /one whole message/ },
  (peer, id) => peer.sendTrailersOnly(id, Status.OK),
);

answerTest(
  "OK with two messages in one DATA frame is INTERNAL",
  { status: Status.INTERNAL, message: /one whole message/ },
  (peer, id) => {
    const message = grpcMessage(Buffer.from("a"));
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, Buffer.concat([message, message]));
    peer.sendHeaders(id, OK, END);
  },
);

for (const [where, bytes] of [
  ["in its prefix", Buffer.alloc(3)],
  ["in its octets", grpcMessage(Buffer.from("whole")).subarray(0, 8)],
  ["behind a whole one", Buffer.concat([grpcMessage(Buffer.from("whole")), Buffer.alloc(1)])],
] as const) {
  answerTest(
    `OK with a message that is cut ${where} is INTERNAL`,
    { status: Status.INTERNAL, message: /one whole message/ },
    (peer, id) => {
      peer.sendHeaders(id, HEADERS);
      peer.sendData(id, bytes);
      peer.sendHeaders(id, OK, END);
    },
  );
}

answerTest(
  "a compressed message is INTERNAL, and its stream is reset",
  { status: Status.INTERNAL, message: /compressed/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, Buffer.from("0100000001ff", "hex"));
    peer.sendHeaders(id, OK, END);
  },
);

answerTest(
  "an answer that ends in DATA has no trailers",
  { status: Status.INTERNAL, message: /without trailers/ },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, grpcMessage(Buffer.alloc(1)), END);
  },
);

answerTest(
  "DATA before HEADERS is malformed",
  {
    status: Status.INTERNAL,
    message: /before the response headers/,
    reset: ErrorCode.PROTOCOL_ERROR,
  },
  (peer, id) => peer.sendData(id, grpcMessage(Buffer.alloc(1))),
);

answerTest(
  "a second block of headers that does not end the stream is malformed",
  { status: Status.INTERNAL, message: /second block/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendHeaders(id, OK);
  },
);

const MALFORMED_HEADERS: [what: string, fields: (readonly [string, string])[]][] = [
  ["no :status", [["content-type", "application/grpc"]]],
  ["a :status that is no number", [[":status", "2x0"]]],
  ["a :status out of range", [[":status", "099"]]],
  [
    "two :status",
    [
      [":status", "200"],
      [":status", "200"],
      ["content-type", "application/grpc"],
    ],
  ],
  [
    ":status behind others",
    [
      ["content-type", "application/grpc"],
      [":status", "200"],
    ],
  ],
  [
    "a request's pseudo-header",
    [
      [":status", "200"],
      [":path", "/"],
    ],
  ],
  [
    "a field of the connection",
    [
      [":status", "200"],
      ["connection", "close"],
    ],
  ],
];
for (const [what, fields] of MALFORMED_HEADERS) {
  answerTest(
    `headers with ${what} are malformed`,
    { status: Status.INTERNAL, message: /./, reset: ErrorCode.PROTOCOL_ERROR },
    (peer, id) => peer.sendHeaders(id, fields),
  );
}

answerTest(
  "trailers with :status are malformed",
  { status: Status.INTERNAL, message: /trailers with :status/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendData(id, grpcMessage(Buffer.alloc(1)));
    peer.sendHeaders(id, { ":status": "200", ...OK }, END);
  },
);

answerTest(
  "a field name in upper case is malformed",
  { status: Status.INTERNAL, message: /upper case/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => {
    // Literal without indexing: `X-A: b` behind `:status: 200`.
    peer.sendHeaders(
      id,
      Buffer.concat([Buffer.of(0x88, 0x00, 3), Buffer.from("X-A\x01b", "latin1")]),
    );
  },
);

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
  "a proxy's 503 with a page is UNAVAILABLE, and the rest of the page is not wanted",
  { status: Status.UNAVAILABLE, message: "HTTP status 503", reset: ErrorCode.CANCEL },
  (peer, id) => {
    peer.sendHeaders(id, { ":status": "503", "content-type": "text/html" });
    peer.sendData(id, Buffer.from("<h1>Service Unavailable</h1>"), END);
  },
);

answerTest(
  "a page with 200 is not gRPC",
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
  "a failed HTTP answer that carries grpc-status means that",
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

test("REFUSED_STREAM hands the request back as never processed", async () => {
  await withWire({}, async ({ client, log, connection }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    connection.sendRstStream(streamId, ErrorCode.REFUSED_STREAM);
    assert.is(await log.nextStatus(), "unprocessed");
    await connection.expectNothing();
  });
});

test("a call that is started as another ends goes out at once", async () => {
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

test("what a server sends on a stream that has ended is passed over", async () => {
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

test("a cancelled call resets its stream, and its late answer is passed over", async () => {
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
