/** The fake etcd's gateway, called over sockets on the port that also serves gRPC. */
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlClient } from "../../../src/etcd/control-client.ts";
import { type FakeEtcd, startFakeEtcd } from "../../../src/fake-etcd/server.ts";

let server: FakeEtcd;
test.before(async () => {
  server = await startFakeEtcd(null);
});
test.after(() => server.close());

const post = (path: string, body = "{}") =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length:         ${body.length}\r\n\r\n${body}`;

/** Sends the pieces, and returns all octets received once `answers` responses have come. */
async function exchanged(pieces: readonly string[], answers: number): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  let received = "";
  try {
    await once(socket, "connect");
    socket.setNoDelay(true);
    for (const piece of pieces) {
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    }
    while (received.split("HTTP/1.1 ").length - 1 < answers || !received.endsWith("}")) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      received += chunk.toString("latin1");
    }
    return received;
  } finally {
    socket.destroy();
  }
}

test("put and range have JSON responses like those of etcd's gateway", async () => {
  const url = `http://127.0.0.1:${server.port}/v3/kv`;
  const before = server.answered;
  const asked = async (method: string) => {
    const response = await fetch(`${url}/${method}`, { method: "POST", body: "{}" });
    return (await response.json()) as { header: { revision: string }; kvs?: { value: string }[] };
  };
  assert.match((await asked("put")).header.revision, /^\d+$/);
  const { kvs } = await asked("range");
  assert.is(Buffer.from(kvs![0]!.value, "base64").length, 256);
  assert.is(server.answered, before + 2);
});

test("requests that come in pieces or several at once are answered in order", async () => {
  const [put, range] = [post("/v3/kv/put", "{}"), post("/v3/kv/range", '{"key":"AA=="}')];
  const answer = await exchanged([put + range.slice(0, 30), range.slice(30), put], 3);
  const bodies = answer.split(/HTTP\/1\.1 [\s\S]*?\r\n\r\n/).slice(1);
  assert.equal(
    bodies.map((body) => "kvs" in JSON.parse(body)),
    [false, true, false],
  );
});

test("a method that the gateway does not know is answered with 404", async () => {
  assert.match(await exchanged([post("/v3/lease/grant")], 1), /^HTTP\/1\.1 404 /);
});

test("gRPC is served on the same port", async () => {
  const client = new ControlClient([`127.0.0.1:${server.port}`], {
    access: { tls: null, tokens: null },
  });
  try {
    const { revision } = await client.put({ key: Buffer.from("k"), value: Buffer.from("v") });
    assert.ok(revision > 0);
  } finally {
    client.close();
  }
});

test.run();
