/** Responses that are not valid gRPC: the call fails, and the connection goes on. */
import { test } from "uvu";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";
import { answerTest, END, HEADERS, OK } from "./answer-test.ts";

for (const [where, bytes] of [
  ["in its prefix", Buffer.alloc(3)],
  ["in its octets", grpcMessage(Buffer.from("whole")).subarray(0, 8)],
  ["after a whole one", Buffer.concat([grpcMessage(Buffer.from("whole")), Buffer.alloc(1)])],
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
  "a response that ends with DATA is INTERNAL, since it has no trailers",
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
  "a second header block that does not end the stream is malformed",
  { status: Status.INTERNAL, message: /second block/, reset: ErrorCode.PROTOCOL_ERROR },
  (peer, id) => {
    peer.sendHeaders(id, HEADERS);
    peer.sendHeaders(id, OK);
  },
);

const MALFORMED_HEADERS: [what: string, fields: (readonly [string, string])[]][] = [
  ["no :status", [["content-type", "application/grpc"]]],
  ["a :status that is not a number", [[":status", "2x0"]]],
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
    ":status after other fields",
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
    "a connection-specific field",
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
    // A literal without indexing: `X-A: b` after `:status: 200`.
    peer.sendHeaders(
      id,
      Buffer.concat([Buffer.of(0x88, 0x00, 3), Buffer.from("X-A\x01b", "latin1")]),
    );
  },
);

test.run();
