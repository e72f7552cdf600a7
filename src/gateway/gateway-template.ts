/** A request as workloads patch it, in protobuf, and how it is sent: as JSON over HTTP/1.1. */
import type { CallMode, SizedTemplate } from "#wire";
import { authorityOf } from "../net/host-port.ts";
import { type GatewayMethod, gatewayMethod } from "./etcd-json.ts";
import { RequestJson } from "./request-json.ts";

/** The room for Content-Length: spaces before a value mean nothing (RFC 9112 section 5). */
const LENGTH_DIGITS = 10;
const HEAD_END = "\r\n\r\n";

export class GatewayTemplate implements SizedTemplate {
  readonly path: string;
  readonly bytes: Buffer;
  readonly messageOffset = 0;
  readonly mode: CallMode;
  readonly method: GatewayMethod;
  /** Place of the request's head in each endpoint's list. */
  readonly headIndex: number;
  messageBytes: number;
  readonly #json: RequestJson;

  constructor(path: string, headIndex: number, message: Uint8Array, mode: CallMode) {
    this.path = path;
    this.headIndex = headIndex;
    this.bytes = Buffer.from(message);
    this.messageBytes = message.length;
    this.mode = mode;
    this.method = gatewayMethod(path);
    this.#json = new RequestJson(this.method.request);
  }

  resize(messageBytes: number): void {
    this.messageBytes = messageBytes;
  }

  /** Of the whole request, with that head. */
  mostBytes(head: Buffer): number {
    return head.length + this.#json.mostBytes(this.bytes.length);
  }

  /** Writes the request to the start of `out`, which has room; returns its length. */
  write(head: Buffer, out: Buffer): number {
    out.set(head, 0);
    const end = this.#json.write(this.bytes, 0, this.messageBytes, out, head.length);
    let digitAt = head.length - HEAD_END.length;
    for (let rest = end - head.length; rest > 0; rest = Math.floor(rest / 10)) {
      digitAt -= 1;
      out[digitAt] = 0x30 + (rest % 10);
    }
    return end;
  }
}

/** The head of a POST, whose Content-Length is still to be written. */
export function requestHead(grpcPath: string, endpoint: string, token: string | null): Buffer {
  const lines = [
    `POST ${gatewayMethod(grpcPath).path} HTTP/1.1`,
    `Host: ${authorityOf(endpoint)}`,
    "User-Agent: etcd-bench",
    "Content-Type: application/json",
    ...(token === null ? [] : [`Authorization: ${token}`]),
    `Content-Length: ${" ".repeat(LENGTH_DIGITS)}`,
  ];
  return Buffer.from(lines.join("\r\n") + HEAD_END, "latin1");
}
