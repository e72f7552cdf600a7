/** Responses that a unary call accepts: shapes, statuses and messages. */
import { test } from "uvu";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { encodeHeaderBlock } from "../../../src/wire/hpack/encoder.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";
import { FLAG, serializeFrame } from "../../peers/wire-peer-frames.ts";
import { answerTest, END, HEADERS, OK } from "./answer-test.ts";

answerTest("headers, a message and trailers are a success", { status: Status.OK }, (peer, id) =>
  peer.sendGrpcOk(id, Buffer.from("answer")),
);

answerTest("a response that comes octet by octet is a success", { status: Status.OK }, (peer, id) =>
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

answerTest("an interim response (1xx) is ignored", { status: Status.OK }, (peer, id) => {
  peer.sendHeaders(id, { ":status": "100" });
  peer.sendHeaders(id, { ":status": "103", link: "</style>" });
  peer.sendGrpcOk(id);
});

answerTest(
  "an interim response that ends the stream is malformed",
  { status: Status.INTERNAL, message: /interim/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => peer.sendHeaders(id, { ":status": "103" }, END),
);

answerTest(
  "a trailers-only response carries status and message",
  { status: Status.NOT_FOUND, message: "no such key" },
  (peer, id) => peer.sendTrailersOnly(id, Status.NOT_FOUND, "no such key"),
);

answerTest(
  "trailers after a message can carry a failure",
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
    `grpc-message ${sent} is decoded as ${means}`,
    { status: Status.INTERNAL, message: means },
    (peer, id) => {
      peer.sendHeaders(id, { ...HEADERS, "grpc-status": "13", "grpc-message": sent }, END);
    },
  );
}

answerTest(
  "a status code that gRPC does not define is kept",
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

test.run();
