/**
 * Owns what a response's header block means to a gRPC call, and remembers it: a block that does
 * not touch HPACK's dynamic table means the same whenever its bytes come again, and with
 * SETTINGS_HEADER_TABLE_SIZE=0 that is nearly every block. Comparing bytes is far cheaper than
 * decoding them.
 */

import { ConnectionError, ErrorCode } from "./frames.ts";
import { HpackDecoder, HpackError } from "./hpack/decoder.ts";

export interface ResponseBlock {
  /** `:status`, or 0 in a trailer block, which has none. */
  readonly httpStatus: number;
  /** The content-type is application/grpc or one of its `+` forms. */
  readonly isGrpc: boolean;
  /** `grpc-status`, or -1 without one or with one that is no number. */
  readonly grpcStatus: number;
  readonly grpcMessage: string;
}

const REMEMBERED_BLOCKS = 8;
const MAX_HEADER_LIST_BYTES = 65_536;

export class ResponseBlocks {
  readonly #decoder = new HpackDecoder({
    // What our SETTINGS_HEADER_TABLE_SIZE=0 allows holds once it is acknowledged; until then the
    // peer may use the default.
    maxTableSizeBytes: 4096,
    maxHeaderListBytes: MAX_HEADER_LIST_BYTES,
  });
  readonly #knownBytes: Uint8Array[] = [];
  readonly #knownBlocks: ResponseBlock[] = [];
  #replaceNext = 0;

  read(bytes: Uint8Array, start: number, end: number): ResponseBlock {
    const known = this.#knownBytes;
    for (let index = 0; index < known.length; index++) {
      if (equalBytes(known[index]!, bytes, start, end)) return this.#knownBlocks[index]!;
    }
    return this.#decode(bytes, start, end);
  }

  #decode(bytes: Uint8Array, start: number, end: number): ResponseBlock {
    let decoded: ReturnType<HpackDecoder["decode"]>;
    try {
      decoded = this.#decoder.decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message);
    }
    const block = meaningOf(decoded.names, decoded.values);
    if (decoded.stateless) {
      // Blocks that carry a date keep coming in new forms: the oldest place is taken again.
      this.#knownBytes[this.#replaceNext] = bytes.slice(start, end);
      this.#knownBlocks[this.#replaceNext] = block;
      this.#replaceNext = (this.#replaceNext + 1) % REMEMBERED_BLOCKS;
    }
    return block;
  }
}

function meaningOf(names: readonly string[], values: readonly string[]): ResponseBlock {
  let httpStatus = 0;
  let isGrpc = false;
  let grpcStatus = -1;
  let grpcMessage = "";
  for (let index = 0; index < names.length; index++) {
    const value = values[index]!;
    switch (names[index]) {
      case ":status":
        httpStatus = /^[1-5]\d\d$/.test(value) ? Number(value) : -1;
        break;
      case "content-type":
        isGrpc = /^application\/grpc($|[+;])/.test(value);
        break;
      case "grpc-status":
        grpcStatus = /^\d{1,9}$/.test(value) ? Number(value) : -1;
        break;
      case "grpc-message":
        grpcMessage = percentDecode(value);
        break;
    }
  }
  return { httpStatus, isGrpc, grpcStatus, grpcMessage };
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

function equalBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = known.length;
  if (length !== end - start) return false;
  for (let at = 0; at < length; at++) {
    if (known[at] !== bytes[start + at]) return false;
  }
  return true;
}
