/** Tests the streams of bench memory at a server that allows few on a connection. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WatchStreams } from "../../../src/memory/calls.ts";
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

test.run();
