/**
 * Puts and ranges as etcd's grpc-gateway serves them, on the port of gRPC: JSON over HTTP/1.1. Nothing
 * is kept, and each method has one answer.
 */
import type { Socket } from "node:net";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "./kv/service.ts";
import { FIRST_REVISION } from "./response-header.ts";

const HEAD_END = "\r\n\r\n";
const HEADER = {
  cluster_id: "1",
  member_id: "1",
  revision: String(FIRST_REVISION),
  raft_term: "2",
};
const KEY_VALUE = {
  key: Buffer.alloc(KEY_SIZE_BYTES, 1).toString("base64"),
  create_revision: "2",
  mod_revision: "2",
  version: "1",
  value: Buffer.alloc(VAL_SIZE_BYTES, 2).toString("base64"),
};
const ANSWERS = new Map([
  ["POST /v3/kv/put HTTP/1.1", answerOf("200 OK", { header: HEADER })],
  [
    "POST /v3/kv/range HTTP/1.1",
    answerOf("200 OK", { header: HEADER, kvs: [KEY_VALUE], count: "1" }),
  ],
]);
const NOT_FOUND = answerOf("404 Not Found", { code: 5, message: "Not Found" });

const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
/** Far above any head of a client. */
const MOST_HEAD_BYTES = 16 * 1024;

/** @param onAnswer called for each request */
export function serveGateway(socket: Socket, onAnswer: () => void): void {
  let unread: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const received = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    const answers: Buffer[] = [];
    let at = 0;
    for (;;) {
      const headEnd = received.indexOf(HEAD_END, at);
      if (headEnd < 0) break;
      const head = received.toString("latin1", at, headEnd);
      const end = headEnd + HEAD_END.length + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
      if (end > received.length) break;
      at = end;
      const [requestLine = ""] = head.split("\r\n", 1);
      answers.push(ANSWERS.get(requestLine) ?? NOT_FOUND);
      onAnswer();
    }
    unread = received.subarray(at);
    if (answers.length > 0)
      socket.write(answers.length === 1 ? answers[0]! : Buffer.concat(answers));
    else if (unread.length > MOST_HEAD_BYTES + VAL_SIZE_BYTES * 4) socket.destroy();
  });
}

function answerOf(status: string, message: object): Buffer {
  const body = JSON.stringify(message);
  const lines = [
    `HTTP/1.1 ${status}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(lines.join("\r\n") + HEAD_END + body, "latin1");
}
