/** What the response to one request means: a gRPC status, and the message of a success. */

import { Status, statusOfHttp } from "#wire";
import { shortened } from "../shortened.ts";
import { AnswerJson } from "./answer-json.ts";
import { AnswerMessage, type PartHandler } from "./answer-message.ts";
import { type GatewayMethod, gatewayError } from "./etcd-json.ts";
import { ResponseReader } from "./response-reader.ts";

const OK = 200;
const NOT_FOUND = 404;
/** Of what a server says of a request that it refused. */
const MOST_ERROR_BYTES = 16 * 1024;
const MOST_WORDS = 200;

export class GatewayResponse {
  /** Once it has ended: a gRPC code, and what went wrong. */
  status: number = Status.OK;
  message = "";
  readonly #reader = new ResponseReader((bytes, start, end) => this.#content(bytes, start, end));
  readonly #json: AnswerJson;
  #errorText = "";

  /** @param onPart is lent the octets of the protobuf message that gRPC would have brought */
  constructor(onPart: PartHandler) {
    this.#json = new AnswerJson(new AnswerMessage(onPart));
  }

  /** A request of that method is sent. */
  begin(method: GatewayMethod): void {
    this.#reader.begin();
    this.#json.begin(method.answer);
    this.#errorText = "";
  }

  /** Reads `bytes[0, lengthBytes)`; returns what is wrong with them, empty where nothing is. */
  read(bytes: Uint8Array, lengthBytes: number): string {
    return this.#reader.read(bytes, lengthBytes);
  }

  get hasEnded(): boolean {
    return this.#reader.hasEnded;
  }

  /** The connection has ended; true where that ends the response as it should. */
  endOfInput(): boolean {
    return this.#reader.endOfInput();
  }

  /** Whether another request may be sent on the connection. */
  get isKept(): boolean {
    return this.#reader.isKept;
  }

  /** The response has ended: hands on the rest of the message, and sets status and message. */
  finish(): void {
    const { status, isJson, server } = this.#reader;
    if (status === OK && isJson) {
      const fault = this.#json.end();
      this.#set(fault === "" ? Status.OK : Status.INTERNAL, fault);
      return;
    }
    const text = Buffer.from(this.#errorText, "latin1").toString("utf8");
    const error = gatewayError(text);
    const from = server === "" ? "" : ` from the server ${JSON.stringify(server)}`;
    if (error !== null) this.#set(error.code, error.message);
    else if (status === OK) {
      this.#set(Status.UNKNOWN, `the answer's content-type is not JSON${from}`);
    } else {
      this.#set(statusOfHttp(status), `${httpStatus(status)}${from}${wordsOf(text)}`);
    }
  }

  #set(status: number, message: string): void {
    this.status = status;
    this.message = message;
  }

  #content(bytes: Uint8Array, start: number, end: number): void {
    const { status, isJson } = this.#reader;
    if (status === OK) {
      if (isJson) this.#json.read(bytes, start, end);
    } else if (this.#errorText.length < MOST_ERROR_BYTES) {
      const most = Math.min(end, start + MOST_ERROR_BYTES);
      this.#errorText += Buffer.from(bytes.subarray(start, most)).toString("latin1");
    }
  }
}

function httpStatus(status: number): string {
  return status === NOT_FOUND
    ? "HTTP status 404, so there is no grpc-gateway"
    : `HTTP status ${status}`;
}

/** The first line of a plain text, as etcd's own HTTP errors are; a page's markup says nothing. */
function wordsOf(text: string): string {
  const [line = ""] = text.trimStart().split("\n", 1);
  const words = shortened(line.trim(), MOST_WORDS);
  return words === "" || words.startsWith("<") ? "" : `: ${words}`;
}
