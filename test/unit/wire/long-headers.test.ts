/** Sends a header block that is longer than a frame to Node's own HTTP/2 server. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FRAME_HEADER_BYTES } from "../../../src/wire/frames.ts";
import { Output } from "../../../src/wire/output.ts";
import {
  CLIENT_OPENING,
  requestHeadersFrame,
  WireTemplate,
  withTableSizeUpdate,
  writeHeaders,
  writeRequest,
} from "../../../src/wire/request.ts";
import { CallMode } from "../../../src/wire/transport.ts";

const PATH = "/etcdserverpb.KV/Put";
const LARGEST_BLOCK = 200_000;

/** The headers a server reads of two requests with this token, the second with a size update. */
async function heard(token: string): Promise<IncomingHttpHeaders[]> {
  const server = createServer({
    maxHeaderListPairs: 100,
    settings: { maxHeaderListSize: LARGEST_BLOCK },
    maxSendHeaderBlockLength: LARGEST_BLOCK,
  });
  const streams: IncomingHttpHeaders[] = [];
  const bothCame = new Promise<void>((resolve, reject) => {
    server.on("sessionError", reject);
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      streams.push(headers);
      if (streams.length === 2) resolve();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    const headers = requestHeadersFrame(PATH, { scheme: "http", authority: "test", token });
    const template = new WireTemplate(PATH, 0, Buffer.from("message"), CallMode.UNARY);
    const output = new Output();
    output.append(CLIENT_OPENING);
    writeRequest(output, headers, template.frameView, template.frameBytes, 1);
    writeHeaders(output, withTableSizeUpdate(headers), 3);
    output.flush(socket);
    await bothCame;
    return streams;
  } finally {
    socket.destroy();
    server.close();
  }
}

test("a header block is split into as many frames as it needs, and one that just fits takes one", async () => {
  const frameOf = (token: string) =>
    requestHeadersFrame(PATH, { scheme: "http", authority: "test", token });
  // No Huffman code shortens these octets, so the block grows by one octet for each of the token.
  const blockBytes = (length: number) =>
    length + frameOf("~".repeat(16_000)).length - FRAME_HEADER_BYTES - 16_000;
  const fits = 16_384 - blockBytes(0);
  assert.is(frameOf("~".repeat(fits)).length, FRAME_HEADER_BYTES + 16_384);
  for (const length of [10, fits - 1, fits, fits + 1, fits + 16_384, 50_000]) {
    const token = "~".repeat(length);
    assert.ok(frameOf(token).length > length, `${length}`);
    for (const headers of await heard(token)) {
      assert.is(String(headers.token).length, length);
      assert.is(headers[":path"], PATH);
    }
  }
});

test.run();
