/** Checks HPACK in both directions against nghttp2, the library of node:http2. */
import { once } from "node:events";
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type PeerConnection, WirePeer } from "../../../peers/wire-peer.ts";

interface Pair {
  session: ClientHttp2Session;
  connection: PeerConnection;
}

async function withPair(run: (pair: Pair) => Promise<void>): Promise<void> {
  const peer = await WirePeer.listen();
  const session = connect(`http://127.0.0.1:${peer.port}`);
  session.on("error", () => {});
  try {
    const connection = await peer.accept();
    await connection.handshake({ headerTableSize: 4096 });
    await run({ session, connection });
  } finally {
    session.destroy();
    await peer.close();
  }
}

/** Sends a request with these headers, answers it, and returns what our decoder read. */
async function decoded({ session, connection }: Pair, headers: OutgoingHttpHeaders) {
  const request = session.request(headers, { endStream: true });
  request.resume();
  const closed = once(request, "close");
  const received = await connection.expectHeaders({ skip: ["WINDOW_UPDATE"] });
  connection.sendTrailersOnly(received.streamId, 0);
  await closed;
  return received;
}

test("our decoder reads the Huffman code that nghttp2 writes for every octet", async () => {
  await withPair(async (pair) => {
    // node:http2 ends a string at NUL, so another test checks that code.
    for (let first = 1; first <= 0xff; first += 17) {
      const octets = Array.from({ length: 17 }, (_, at) => first + at).filter((at) => at <= 0xff);
      // With many 5-bit letters the Huffman string is shorter, so nghttp2 chooses it.
      const values = octets.map((octet) => `${"a".repeat(100)}${String.fromCharCode(octet)}e`);
      const fields = Object.fromEntries(values.map((value, at) => [`x-value-${at}`, value]));
      const { headers, blockBytes } = await decoded(pair, { ":path": "/", ...fields });
      for (const [at, value] of values.entries()) {
        assert.is(headers[`x-value-${at}`], value, `octet ${octets[at]}`);
      }
      assert.ok(blockBytes < values.join("").length, "nghttp2 took the Huffman code");
    }
  });
});

test("our decoder reads what nghttp2 writes on a long-lived connection", async () => {
  // Short values repeat, so nghttp2 uses the dynamic table.
  const size = "small";
  const value = fc.oneof(
    fc.string({
      unit: fc.constantFrom(..."0123456789abcdefghijklmnopqrstuvwxyz-./%"),
      maxLength: 90,
      size,
    }),
    fc.string({ unit: "grapheme-ascii", maxLength: 90, size }).map((text) => text.trim()),
    fc.constantFrom("application/grpc", "trailers", "etcd", "a".repeat(2000)),
  );
  const headers = fc.dictionary(
    fc
      .string({ unit: fc.constantFrom(..."abcxyz"), minLength: 1, maxLength: 3 })
      .map((n) => `x-${n}`),
    value,
    { maxKeys: 12 },
  );
  const requests = fc.sample(headers, { seed: 7541, numRuns: 120 });
  let dynamicHits = 0;
  await withPair(async (pair) => {
    for (const request of requests) {
      const plain = Object.fromEntries(Object.entries(request));
      const received = await decoded(pair, { ":path": "/etcdserverpb.KV/Range", ...plain });
      const own = received.fields.filter(([name]) => !name.startsWith(":"));
      assert.equal(Object.fromEntries(own), plain);
      const sizeBytes = received.fields.reduce((sum, [n, v]) => sum + n.length + v.length, 0);
      if (received.blockBytes < sizeBytes / 2) dynamicHits++;
    }
  });
  assert.ok(dynamicHits > 10, `${dynamicHits} blocks drew on the dynamic table`);
});

test("nghttp2 reads what our encoder writes", async () => {
  await withPair(async ({ session, connection }) => {
    for (const length of [1, 126, 127, 128, 254, 255, 5000]) {
      const request = session.request({ ":path": "/" }, { endStream: true });
      request.resume();
      const closed = once(request, "close");
      const { streamId } = await connection.expectHeaders({ skip: ["WINDOW_UPDATE"] });
      const answer = {
        ":status": "200",
        "content-type": "application/grpc",
        authorization: "secret",
        token: "x".repeat(length),
        [`x-${"n".repeat(length)}`]: "\u00e9 ~",
      };
      const answered = once(request, "response");
      connection.sendHeaders(streamId, answer, { endStream: true });
      const [headers] = await answered;
      for (const [name, value] of Object.entries(answer)) {
        assert.is(String(headers[name]), value, name);
      }
      await closed;
    }
  });
});

test.run();
