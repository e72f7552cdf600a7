/** Reads what a response's header block means to a gRPC call. */
import { shortened } from "../shortened.ts";
import { KnownBlocks } from "./known-blocks.ts";

export interface ResponseBlock {
  /** `:status`, 0 in a trailer block, which has none, or -1 where it is no number. */
  readonly httpStatus: number;
  /** The content-type is application/grpc or one of its `+` forms. */
  readonly isGrpc: boolean;
  /** `grpc-status`, or -1 without one or with one that is no number. */
  readonly grpcStatus: number;
  readonly grpcMessage: string;
  /** What the `server` field says, which names a gateway that answers in place of etcd; empty without. */
  readonly server: string;
  /** Why the block is malformed (RFC 9113 sections 8.2 and 8.3), or empty. */
  readonly fault: string;
}

/** RFC 9113 section 8.2.2. */
const CONNECTION_FIELDS = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

/** It becomes a part of error messages. */
const LONGEST_SERVER_NAME = 60;

export class ResponseBlocks extends KnownBlocks<ResponseBlock> {
  constructor() {
    // The server reads our SETTINGS_HEADER_TABLE_SIZE=0 before any request, so every answer keeps
    // to it.
    super(0, meaningOf);
  }
}

function meaningOf(names: readonly string[], values: readonly string[]): ResponseBlock {
  let httpStatus = 0;
  let isGrpc = false;
  let grpcStatus = -1;
  let grpcMessage = "";
  let server = "";
  let fault = "";
  let seenRegular = false;
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const value = values[index]!;
    if (name.startsWith(":")) {
      if (name !== ":status") fault = `the pseudo-header ${name} in an answer`;
      else if (httpStatus !== 0) fault = "two :status fields";
      else if (seenRegular) fault = ":status after other fields";
    } else {
      seenRegular = true;
      if (name !== name.toLowerCase()) fault = "a field name in upper case";
      else if (CONNECTION_FIELDS.has(name)) fault = `the connection's own field ${name}`;
    }
    switch (name) {
      case ":status":
        httpStatus = /^[1-5]\d\d$/.test(value) ? Number(value) : -1;
        break;
      case "content-type":
        isGrpc = /^application\/grpc($|[+;])/.test(value);
        break;
      case "server":
        server = shortened(value, LONGEST_SERVER_NAME);
        break;
      case "grpc-status":
        grpcStatus = /^\d{1,9}$/.test(value) ? Number(value) : -1;
        break;
      case "grpc-message":
        grpcMessage = percentDecode(value);
        break;
    }
  }
  return { httpStatus, isGrpc, grpcStatus, grpcMessage, server, fault };
}

/** gRPC percent-encodes its status message; a malformed one is shown as it came. */
function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  const latin = Buffer.from(text, "latin1");
  for (let at = 0; at < latin.length; at++) {
    const hex = latin[at] === 0x25 ? latin.toString("latin1", at + 1, at + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(latin[at]!);
    }
  }
  return Buffer.from(bytes).toString("utf8");
}
