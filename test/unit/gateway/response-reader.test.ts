import { test } from "uvu";
import * as assert from "uvu/assert";
import { MOST_HEAD_BYTES, ResponseReader } from "../../../src/gateway/response-reader.ts";

interface Read {
  fault: string;
  hasEnded: boolean;
  isKept: boolean;
  status: number;
  isJson: boolean;
  server: string;
  content: string;
}

/** Octets in the buffer that are not part of the response. */
const AFTER = Buffer.from("x\n");

/** Reads in pieces that end at `cuts` and at the end of the text. */
function readIn(text: string, cuts: readonly number[], isClosed = false): Read {
  let content = "";
  const reader = new ResponseReader((bytes, start, end) => {
    content += Buffer.from(bytes.subarray(start, end)).toString("latin1");
  });
  reader.begin();
  let fault = "";
  let start = 0;
  const bytes = Buffer.from(text, "latin1");
  // The buffer is larger than the piece, like a shared read buffer.
  const room = Buffer.alloc(bytes.length + AFTER.length);
  for (const end of [...cuts, bytes.length]) {
    bytes.copy(room, 0, start, end);
    room.set(AFTER, end - start);
    fault ||= reader.read(room, end - start);
    start = end;
  }
  if (isClosed) reader.endOfInput();
  const { hasEnded, isKept, status, isJson, server } = reader;
  return { fault, hasEnded, isKept, status, isJson, server, content };
}

/** Reads the text whole, octet by octet, and in any two pieces; all results must be equal. */
function read(text: string, isClosed = false): Read {
  const whole = readIn(text, [], isClosed);
  const each = Array.from({ length: text.length }, (_, at) => at);
  assert.equal(readIn(text, each, isClosed), whole, "octet by octet");
  for (const at of each) assert.equal(readIn(text, [at], isClosed), whole, `in pieces at ${at}`);
  return whole;
}

const lines = (...of: string[]) => of.join("\r\n");
const sound = { fault: "", hasEnded: true, isKept: true, status: 200, isJson: true, server: "" };

test("a response with a length ends with its last octet", () => {
  const response = lines("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: 5");
  assert.equal(read(`${response}\r\n\r\n{"a":`), { ...sound, content: '{"a":' });
  assert.not(read(`${response}\r\n\r\n{"a"`).hasEnded);
  assert.not(read(`${response}\r\n\r`).hasEnded);
});

test("chunks are joined, without extensions and trailers", () => {
  const head = lines("HTTP/1.1 200 OK", "Content-Type: application/json; charset=utf-8");
  const chunks = lines("4;name=x", "abcd", "0a", "0123456789", "A ", "klmnopqrst", "0", "");
  const response = `${head}\r\nTransfer-Encoding: Chunked\r\n\r\n${chunks}`;
  const content = "abcd0123456789klmnopqrst";
  assert.equal(read(`${response}\r\n`), { ...sound, content });
  assert.equal(read(`${response}Grpc-Trailer-Content-Type: application/grpc\r\n\r\n`), {
    ...sound,
    content,
  });
  assert.not(read(response).hasEnded);
});

test("field names may have any case, and values any spaces around them", () => {
  const response = lines(
    "HTTP/1.1 200",
    "cONTENT-tYPE:application/JSON",
    "CONTENT-LENGTH:  \t2 \t",
    "Server:\tnginx/1.2 ",
    "X-Content-Length: 7",
    "Connectiom: close",
  );
  assert.equal(read(`${response}\r\n\r\n{}`), { ...sound, server: "nginx/1.2", content: "{}" });
});

test("interim responses are skipped", () => {
  const interim = lines("HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "Link: </x>", "");
  const response = lines("HTTP/1.1 400 Bad Request", "Content-Length: 2", "", "no");
  assert.equal(read(`${interim}\r\n${response}`), {
    ...sound,
    status: 400,
    isJson: false,
    content: "no",
  });
});

test("a response without content ends with its head", () => {
  for (const head of [
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9",
  ]) {
    const { hasEnded, content, isKept } = read(`${head}\r\n\r\n`);
    assert.equal([hasEnded, content, isKept], [true, "", true]);
  }
  assert.ok(read("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").hasEnded);
});

test("a response without a length ends with its connection", () => {
  const response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}";
  assert.not(read(response).hasEnded);
  assert.equal(read(response, true), { ...sound, isKept: false, content: "{}" });
  const cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}";
  assert.not(read(cut, true).hasEnded);
});

test("a connection is kept or closed as its HTTP version and Connection field require", () => {
  const isKept = (version: string, ...fields: string[]) =>
    read(lines(`HTTP/${version} 200 OK`, ...fields, "Content-Length: 0", "", "")).isKept;
  assert.ok(isKept("1.1"));
  assert.ok(isKept("1.1", "Connection: keep-alive"));
  assert.not(isKept("1.1", "CONNECTION: Close"));
  assert.not(isKept("1.1", "connection: upgrade , close"));
  assert.not(isKept("1.0"));
  assert.ok(isKept("1.0", "Connection: Keep-Alive"));
});

test("a connection with further octets after a response is not kept", () => {
  const response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  const { fault, hasEnded, isKept, content } = read(`${response}\r\n`);
  assert.equal([fault, hasEnded, isKept, content], ["", true, false, "{}"]);
});

test("a reader reads one response after another", () => {
  let content = "";
  const reader = new ResponseReader((bytes, start, end) => {
    content += Buffer.from(bytes.subarray(start, end)).toString("latin1");
  });
  const responses = [
    lines(
      "HTTP/1.0 500 No",
      "Content-Type: application/json",
      "Server: a",
      "Content-Length: 1",
      "",
      "a",
    ),
    lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "1", "b", "0", "", ""),
  ];
  for (const response of responses) {
    reader.begin();
    assert.not(reader.hasEnded);
    assert.is(reader.read(Buffer.from(response), response.length), "");
    assert.ok(reader.hasEnded);
  }
  assert.equal(
    [content, reader.status, reader.isJson, reader.server, reader.isKept],
    ["ab", 200, false, "", true],
  );
});

test("lines may end with LF only", () => {
  assert.is(read("HTTP/1.1 200 OK\nContent-Length: 1\n\nx").content, "x");
});

for (const [what, text, expected] of [
  ["HTTP/2", "\0\0\x12\x04\0\0\0\0\0\n", /does not answer in HTTP\/1.1/],
  ["a line of another protocol", "SSH-2.0-OpenSSH_9.2\r\n", /does not answer in HTTP\/1.1/],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n", /does not answer in HTTP\/1.1/],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\n", /does not answer in HTTP\/1.1/],
  ["a field without a name", "HTTP/1.1 200 OK\r\n: x\r\n", /without a name/],
  ["a field without a colon", "HTTP/1.1 200 OK\r\nContent\r\n", /without a name/],
  ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", /no sound Content-Length/],
  ["an empty length", "HTTP/1.1 200 OK\r\nContent-Length: \r\n", /no sound Content-Length/],
  [
    "a length that is not in digits",
    "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n",
    /no sound Content-Length/,
  ],
  [
    "a length above the largest number",
    `HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(16)}\r\n`,
    /no sound/,
  ],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n", /no sound/],
  ["a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n", /no sound/],
  [
    "chunks and a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    /both a Content-Length and a Transfer-Encoding/,
  ],
  ["compressed transfer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", /transfer coding gzip/],
  ["compressed content", "HTTP/1.1 502 x\r\nContent-Encoding: gzip\r\n", /content coding gzip/],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /changed the protocol/],
  ["a chunk without a size", chunked("\r\n"), /without a sound size/],
  ["a chunk with a negative size", chunked("-1\r\n"), /without a sound size/],
  ["a chunk whose size is not hexadecimal", chunked("1g\r\n"), /without a sound size/],
  ["a chunk above the largest number", chunked(`${"f".repeat(14)}\r\n`), /without a sound size/],
  ["a chunk that is longer than its size", chunked("1\r\nab\r\n"), /longer than its size/],
] as const) {
  test(`${what} is refused`, () => {
    const { fault, hasEnded } = read(text);
    assert.match(fault, expected);
    assert.not(hasEnded);
  });
}

function chunked(chunks: string): string {
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
}

test("an endless head, trailer or chunk line is refused before memory grows", () => {
  const endless = (start: string, more: string) => {
    let readBytes = 0;
    const reader = new ResponseReader(() => {});
    reader.begin();
    let fault = reader.read(Buffer.from(start), start.length);
    const bytes = Buffer.from(more);
    for (; fault === "" && readBytes < 2 * MOST_HEAD_BYTES; readBytes += bytes.length) {
      fault = reader.read(bytes, bytes.length);
    }
    return fault;
  };
  const tooLong = /longer than 64 KiB/;
  assert.match(endless("", "x".repeat(99)), tooLong);
  assert.match(endless("HTTP/1.1 200 OK\r\n", "Name: value\r\n"), tooLong);
  assert.match(endless("HTTP/1.1 200 OK\r\nName: ", "value".repeat(99)), tooLong);
  assert.match(endless("", "HTTP/1.1 100 Continue\r\n\r\n"), tooLong);
  assert.match(endless(chunked("0\r\n"), "Name: value\r\n"), tooLong);
  assert.match(endless(chunked("1"), ";name=value"), /chunk's size has no end/);
});

test.run();
