/** What grpc-js prints by itself. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlClient, ControlError } from "../../../src/etcd/control-client.ts";
import { withPeer } from "../wire/wire-client.ts";

test("a field of an answer with octets that control a terminal is printed by nobody", async () => {
  const printed: unknown[][] = [];
  const { error } = console;
  console.error = (...args) => printed.push(args);
  try {
    await withPeer(async (peer) => {
      const endpoint = `127.0.0.1:${peer.port}`;
      const client = new ControlClient([endpoint], { access: { tls: null, tokens: null } });
      const answer = client.status(endpoint).then(
        () => null,
        (failure: unknown) => failure,
      );
      const connection = await peer.accept();
      await connection.handshake();
      const { streamId } = await connection.expectHeaders();
      const fields = { ":status": "401", server: "nginx\x9b31mX", "x-note": "a\x9d0;t\x9c" };
      connection.sendHeaders(streamId, fields, { endStream: true });
      assert.instance(await answer, ControlError);
      client.close();
    });
  } finally {
    console.error = error;
  }
  assert.equal(printed, []);
});

test.run();
