/**
 * Reads HTTP/1.1 responses from bytes (RFC 9112), one after another. No I/O, and no object per
 * response: the head of the current response is in the fields. What a server sends without end is
 * refused before memory grows.
 */
import { shortened } from "../shortened.ts";
import {
  digitAt,
  hexDigit,
  isJsonType,
  isName,
  lineEndIn,
  numberIn,
  SEMICOLON,
  spacesEnd,
  spacesStart,
  startsWith,
  textOf,
} from "./octets.ts";

/** Is lent the next piece of the content of the current response, without its chunks' framing. */
export type ContentHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** Of status line, header and trailer fields of a response together, those before it included. */
export const MOST_HEAD_BYTES = 64 * 1024;
/** A line that sizes a chunk, with its extensions. */
const MOST_CHUNK_LINE_BYTES = 4 * 1024;
/** Longer sizes are no safe integer. */
const MOST_HEX_DIGITS = 13;
const MOST_DIGITS = 15;

const Part = {
  STATUS_LINE: 0,
  FIELDS: 1,
  /** Content of a known length. */
  CONTENT: 2,
  /** Content up to the end of the connection. */
  UNTIL_CLOSE: 3,
  CHUNK_SIZE: 4,
  CHUNK: 5,
  /** The end of the line after a chunk's octets. */
  CHUNK_END: 6,
  TRAILERS: 7,
  /** The response has ended, or what came was none. */
  OVER: 8,
} as const;

const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const NO_LENGTH = -1;
const EMPTY = Buffer.alloc(0);

export class ResponseReader {
  /** Of the current response; whole with the first content. */
  status = 0;
  isJson = false;
  /** The Server field; empty without one. */
  server = "";
  /** Whether another request may be sent on the connection. */
  isKept = false;
  /** The response has come whole. */
  hasEnded = false;
  readonly #onContent: ContentHandler;
  #part: number = Part.STATUS_LINE;
  #isHttp11 = false;
  #contentLength = NO_LENGTH;
  #isChunked = false;
  /** Octets that are left of the content or the chunk. */
  #left = 0;
  #headBytes = 0;
  /** The start of a line whose end has not come. */
  #line: Buffer = EMPTY;

  constructor(onContent: ContentHandler) {
    this.#onContent = onContent;
  }

  /** The next response may come. */
  begin(): void {
    this.#part = Part.STATUS_LINE;
    this.#line = EMPTY;
    this.#headBytes = 0;
    this.hasEnded = false;
  }

  /** Reads `bytes[0, lengthBytes)`; returns what is wrong with them, empty where nothing is. */
  read(bytes: Uint8Array, lengthBytes: number): string {
    let at = 0;
    while (at < lengthBytes) {
      switch (this.#part) {
        case Part.CONTENT:
        case Part.CHUNK: {
          const end = Math.min(lengthBytes, at + this.#left);
          this.#left -= end - at;
          this.#onContent(bytes, at, end);
          at = end;
          if (this.#left > 0) break;
          if (this.#part === Part.CHUNK) this.#part = Part.CHUNK_END;
          else this.#end();
          break;
        }
        case Part.UNTIL_CLOSE:
          this.#onContent(bytes, at, lengthBytes);
          return "";
        case Part.OVER:
          // Nothing more was asked for: what comes next could not be told from an answer to it.
          this.isKept = false;
          return "";
        default: {
          const lineEnd = lineEndIn(bytes, at, lengthBytes);
          const next = lineEnd < 0 ? lengthBytes : lineEnd + 1;
          const fault = this.#lineBytes(bytes, at, lineEnd, next);
          if (fault !== "") {
            this.#part = Part.OVER;
            return fault;
          }
          at = next;
        }
      }
    }
    return "";
  }

  /** The connection has ended; true where that ends the current response as it should. */
  endOfInput(): boolean {
    if (this.#part !== Part.UNTIL_CLOSE) return false;
    this.#end();
    return true;
  }

  /** `bytes[start, next)` is a line, or with `lineEnd` below 0 the beginning of one. */
  #lineBytes(bytes: Uint8Array, start: number, lineEnd: number, next: number): string {
    const kept = this.#line;
    const isChunkLine = this.#part === Part.CHUNK_SIZE || this.#part === Part.CHUNK_END;
    if (isChunkLine) {
      if (kept.length + next - start > MOST_CHUNK_LINE_BYTES) return "a chunk's size has no end";
    } else {
      this.#headBytes += next - start;
      if (this.#headBytes > MOST_HEAD_BYTES) {
        return `the head of the response is longer than ${MOST_HEAD_BYTES / 1024} KiB`;
      }
    }
    if (lineEnd < 0) {
      this.#line = Buffer.concat([kept, bytes.subarray(start, next)]);
      return "";
    }
    if (kept.length === 0) return this.#whole(bytes, start, lineEnd);
    const line = Buffer.concat([kept, bytes.subarray(start, lineEnd)]);
    this.#line = EMPTY;
    return this.#whole(line, 0, line.length);
  }

  /** A line is here, without its LF. */
  #whole(bytes: Uint8Array, start: number, lineEnd: number): string {
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    switch (this.#part) {
      case Part.STATUS_LINE:
        return this.#statusLine(bytes, start, end);
      case Part.FIELDS:
        return start === end ? this.#headRead() : this.#field(bytes, start, end);
      case Part.CHUNK_SIZE:
        return this.#chunkSize(bytes, start, end);
      case Part.CHUNK_END:
        this.#part = Part.CHUNK_SIZE;
        return start === end ? "" : "a chunk is longer than its size";
      default:
        // A trailer field says nothing that is used here.
        if (start === end) this.#end();
        return "";
    }
  }

  /** `HTTP/1.1 200 OK`; the reason is left out where the server likes. */
  #statusLine(bytes: Uint8Array, start: number, end: number): string {
    const isHttp1 = end - start >= 12 && startsWith(bytes, start, "HTTP/1.");
    const minor = isHttp1 ? digitAt(bytes, start + 7) : -1;
    const status = isHttp1 ? numberIn(bytes, start + 9, start + 12) : -1;
    const isSound = minor >= 0 && bytes[start + 8] === SPACE && status >= 100;
    if (!isSound || (end > start + 12 && bytes[start + 12] !== SPACE)) {
      return "the server does not answer in HTTP/1.1";
    }
    this.status = status;
    this.#isHttp11 = minor >= 1;
    this.isKept = this.#isHttp11;
    this.isJson = false;
    this.server = "";
    this.#contentLength = NO_LENGTH;
    this.#isChunked = false;
    this.#part = Part.FIELDS;
    return "";
  }

  #field(bytes: Uint8Array, start: number, end: number): string {
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon += 1;
    if (colon === start || colon === end) return "a header field without a name";
    // Most fields are of no interest, which their length says.
    switch (colon - start) {
      case 6:
        if (isName(bytes, start, "server")) this.server = textOf(bytes, colon + 1, end);
        return "";
      case 10:
        if (isName(bytes, start, "connection")) this.#connection(textOf(bytes, colon + 1, end));
        return "";
      case 12:
        if (isName(bytes, start, "content-type")) this.isJson = isJsonType(bytes, colon + 1, end);
        return "";
      case 14:
        return isName(bytes, start, "content-length") ? this.#length(bytes, colon + 1, end) : "";
      case 16:
        if (!isName(bytes, start, "content-encoding")) return "";
        return codingFault("content", "identity", textOf(bytes, colon + 1, end));
      case 17:
        if (!isName(bytes, start, "transfer-encoding")) return "";
        return this.#transferCoding(textOf(bytes, colon + 1, end));
      default:
        return "";
    }
  }

  #connection(value: string): void {
    const options = value.toLowerCase().split(",");
    for (const option of options) {
      if (option.trim() === "close") this.isKept = false;
      if (option.trim() === "keep-alive" && !this.#isHttp11) this.isKept = true;
    }
  }

  #length(bytes: Uint8Array, start: number, end: number): string {
    const from = spacesEnd(bytes, start, end);
    const to = spacesStart(bytes, from, end);
    const isShort = to > from && to - from <= MOST_DIGITS;
    const length = isShort ? numberIn(bytes, from, to) : NO_LENGTH;
    const before = this.#contentLength;
    if (length === NO_LENGTH || (before !== NO_LENGTH && before !== length)) {
      return `the response has no sound Content-Length (${shortened(textOf(bytes, start, end), 40)})`;
    }
    this.#contentLength = length;
    return "";
  }

  #transferCoding(value: string): string {
    const wanted = this.#isChunked ? "" : "chunked";
    this.#isChunked = true;
    return codingFault("transfer", wanted, value);
  }

  #headRead(): string {
    // Section 6.3: what has both may be meant to mislead.
    if (this.#isChunked && this.#contentLength !== NO_LENGTH) {
      return "the response has both a Content-Length and a Transfer-Encoding";
    }
    if (this.status < 200) {
      if (this.status === 101) return "the server changed the protocol, which was not asked for";
      this.#part = Part.STATUS_LINE;
      return "";
    }
    if (this.status === 204 || this.status === 304 || this.#contentLength === 0) {
      this.#end();
    } else if (this.#isChunked) {
      this.#part = Part.CHUNK_SIZE;
    } else if (this.#contentLength !== NO_LENGTH) {
      this.#left = this.#contentLength;
      this.#part = Part.CONTENT;
    } else {
      this.isKept = false;
      this.#part = Part.UNTIL_CLOSE;
    }
    return "";
  }

  #chunkSize(bytes: Uint8Array, start: number, end: number): string {
    let size = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    const digits = at - start;
    const isEnded = at === end || bytes[at] === SEMICOLON || bytes[at] === SPACE;
    if (digits === 0 || digits > MOST_HEX_DIGITS || !isEnded) return "a chunk without a sound size";
    this.#left = size;
    this.#part = size === 0 ? Part.TRAILERS : Part.CHUNK;
    return "";
  }

  #end(): void {
    this.#part = Part.OVER;
    this.hasEnded = true;
  }
}

/** Neither Accept-Encoding nor TE was sent. */
function codingFault(of: string, wanted: string, value: string): string {
  if (value.toLowerCase() === wanted) return "";
  return `the response has the ${of} coding ${shortened(value, 40)}, which was not asked for`;
}
