/** Tests the watch streams of bench memory: where they go, and what etcd refuses on them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import type { TokenSource } from "../../../src/etcd/token-source.ts";
import { WatchStreams } from "../../../src/memory/calls.ts";
import { encodeMessage } from "../../../src/protos.ts";
import type { PeerConnection } from "../../peers/wire-peer-connection.ts";
import { grpcMessage } from "../../peers/wire-peer-sender.ts";
import { withPeer } from "../wire/wire-client.ts";

test("streams are dealt to as many connections as the server's limit takes", async () => {
  await withPeer(async (peer) => {
    const limits = { maxConcurrentStreams: 2 };
    const endpoint = `127.0.0.1:${peer.port}`;
    const opening = WatchStreams.open({ endpoint, access: { tls: null, tokens: null } }, 3);
    await (await peer.accept()).handshake(limits);
    const connections = [await peer.accept(), await peer.accept()];
    for (const each of connections) await each.handshake(limits);
    const streams = await opening;
    try {
      streams.begin(3, Buffer.alloc(0));
      const paths: string[] = [];
      for (const [at, count] of [2, 1].entries()) {
        for (let n = 0; n < count; n++) {
          const { headers } = await connections[at]!.expectHeaders();
          paths.push(headers[":path"]!);
          await connections[at]!.expectData();
        }
      }
      assert.equal(new Set(paths), new Set(["/etcdserverpb.Watch/Watch"]));
      assert.is(paths.length, 3);
    } finally {
      streams.close();
    }
  });
});

test("a member that does not answer is an error of the user's etcd, and no defect", async () => {
  const access = { tls: null, tokens: null };
  const opening = WatchStreams.open({ endpoint: "127.0.0.1:1", access }, 1);
  const error = await opening.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.instance(error, BenchError);
  assert.match(String(error), /a connection to 127\.0\.0\.1:1 could not be opened: .*ECONNREFUSED/);
});

const WATCHER = encodeMessage("etcdserverpb.WatchRequest", {
  createRequest: { key: Buffer.from("k") },
});

function answer(fields: object): Buffer {
  return grpcMessage(encodeMessage("etcdserverpb.WatchResponse", fields));
}

/** One stream, on which `ask` has asked for two watchers, of which etcd has made the first. */
async function withTwoAsked(
  body: (connection: PeerConnection, streamId: number, asked: Promise<void>) => Promise<void>,
): Promise<void> {
  await withPeer(async (peer) => {
    const tokens = { token: async () => "t1", renew: async () => "t2" } as unknown as TokenSource;
    const endpoint = `127.0.0.1:${peer.port}`;
    const opening = WatchStreams.open({ endpoint, access: { tls: null, tokens } }, 1);
    const connection = await peer.accept();
    await connection.handshake();
    const streams = await opening;
    try {
      streams.begin(1, Buffer.alloc(0));
      const asked = streams.ask(2, WATCHER);
      const { streamId } = await connection.expectHeaders();
      connection.sendHeaders(streamId, { ":status": "200", "content-type": "application/grpc" });
      connection.sendData(streamId, answer({ created: true }));
      await body(connection, streamId, asked);
    } finally {
      streams.close();
    }
  });
}

test("a watcher that etcd refuses over its token is asked for again with a new one", async () => {
  await withTwoAsked(async (connection, streamId, asked) => {
    const cancelReason = "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token";
    connection.sendData(streamId, answer({ created: true, canceled: true, cancelReason }));
    const skip = ["DATA", "RST_STREAM"] as const;
    const again = await connection.expectHeaders({ skip });
    assert.is(again.headers.token, "t2");
    const headers = { ":status": "200", "content-type": "application/grpc" };
    connection.sendHeaders(again.streamId, headers);
    // Both watchers went with the first stream.
    for (let n = 0; n < 2; n++) connection.sendData(again.streamId, answer({ created: true }));
    await asked;
  });
});

test("a watcher that etcd cancels for another reason is not counted as added", async () => {
  await withTwoAsked(async (connection, streamId, asked) => {
    connection.sendData(streamId, answer({ canceled: true, cancelReason: "permission denied" }));
    const reason = await asked.then(
      () => "added",
      (error: Error) => error.message,
    );
    assert.match(reason, /^etcd cancelled a watcher: ABORTED: permission denied/);
  });
});

test.run();
