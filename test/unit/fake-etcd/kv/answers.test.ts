/** The fake etcd's unary responses as its clients see them: grpc-js, node:http2, our wire. */
import { once } from "node:events";
import http2 from "node:http2";
import { type ServiceError, status } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { KEY_SIZE_BYTES, PUT_PATH, RANGE_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { WireTransport } from "../../../../src/wire/wire-transport.ts";
import { call, fakeEtcdSuite } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd answers");

interface RangeAnswer {
  count: string;
  kvs: { key: Buffer; value: Buffer }[];
}

test("grpc-js gets etcd's messages for Put and Range, and UNIMPLEMENTED for other methods", async ({
  server,
  grpcClient,
}) => {
  const client = grpcClient();
  const put = await call(
    client,
    PUT_PATH,
    encodeMessage("etcdserverpb.PutRequest", { key: Buffer.from("k"), value: Buffer.from("v") }),
  );
  const { header } = decodeMessage<{ header: { revision: string } }>(
    "etcdserverpb.PutResponse",
    put,
  );
  assert.is(header.revision, "1000000");
  const range = await call(
    client,
    RANGE_PATH,
    encodeMessage("etcdserverpb.RangeRequest", { key: Buffer.from("k") }),
  );
  const { count, kvs } = decodeMessage<RangeAnswer>("etcdserverpb.RangeResponse", range);
  assert.is(count, "1");
  assert.is(kvs[0]!.key.length, KEY_SIZE_BYTES);
  assert.is(kvs[0]!.value.length, 256);
  const refused = await call(client, "/etcdserverpb.Cluster/MemberAdd", Buffer.alloc(0)).catch(
    (error: ServiceError) => error,
  );
  assert.is((refused as ServiceError).code, status.UNIMPLEMENTED);
  assert.is(server.answered, 3);
});

test("grpc-js gets hundreds of responses at once, with more octets than its first window", async ({
  server,
  grpcClient,
}) => {
  const client = grpcClient();
  const message = encodeMessage("etcdserverpb.RangeRequest", { key: Buffer.from("k") });
  const answers = await Promise.all(
    Array.from({ length: 320 }, () => call(client, RANGE_PATH, message)),
  );
  assert.ok(answers.reduce((bytes, answer) => bytes + answer.length, 0) > 65_535);
  assert.is(server.answered, 320);
});

test("messages far larger than the first windows are accepted", async ({ grpcClient }) => {
  const client = grpcClient();
  const key = Buffer.from("k");
  // One message exceeds a stream's window, and all together exceed the connection's window update.
  for (const valueBytes of [100_000, 3_000_000, 20_000_000]) {
    const value = Buffer.alloc(valueBytes, 1);
    const message = encodeMessage("etcdserverpb.PutRequest", { key, value });
    assert.ok((await call(client, PUT_PATH, message)).length > 0);
  }
});

test("node:http2 gets headers, message and trailers, and its pings are answered", async ({
  server,
}) => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  try {
    await once(session, "remoteSettings");
    await new Promise<void>((resolve, reject) => {
      session.ping(Buffer.from("12345678"), (error, _ms, payload) => {
        if (error) reject(error);
        else if (payload.toString() !== "12345678") reject(new Error(`pong ${payload}`));
        else resolve();
      });
    });
    for (let turn = 0; turn < 3; turn++) {
      const stream = session.request({
        ":method": "POST",
        ":path": RANGE_PATH,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      const head = once(stream, "response");
      const tail = once(stream, "trailers");
      const end = once(stream, "close");
      stream.end(Buffer.alloc(5));
      const [headers] = (await head) as [http2.IncomingHttpHeaders];
      const [trailers] = (await tail) as [http2.IncomingHttpHeaders];
      await end;
      assert.is(headers[":status"], 200);
      assert.is(headers["content-type"], "application/grpc");
      assert.is(trailers["grpc-status"], "0");
      const body = Buffer.concat(chunks);
      assert.is(body.readUInt8(0), 0);
      assert.is(body.readUInt32BE(1), body.length - 5);
    }
  } finally {
    session.destroy();
  }
});

test("calls of our wire transport are answered", async ({ server }) => {
  const slots = 20;
  const wanted = 2_000;
  let ended = 0;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const statuses = new Set<number>();
  const transport = new WireTransport({
    connectionEndpoints: [`127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`],
    slotConnections: Array.from({ length: slots }, (_, slot) => slot % 2),
    listener: {
      onCallEnd(slot, code) {
        statuses.add(code);
        ended += 1;
        if (ended + slots <= wanted) transport.call(slot, template);
        else if (ended === wanted) finish();
      },
      onMessage() {
        throw new Error("a message that no call asked for");
      },
      onCallUnprocessed() {
        throw new Error("handed back");
      },
    },
  });
  await transport.open();
  const message = encodeMessage("etcdserverpb.PutRequest", {
    key: Buffer.from("k"),
    value: Buffer.alloc(256),
  });
  const template = transport.template(PUT_PATH, message);
  for (let slot = 0; slot < slots; slot++) transport.call(slot, template);
  transport.flush();
  await done;
  transport.close();
  assert.equal([...statuses], [0]);
  assert.is(server.answered, wanted);
});

test.run();
