/** The fake etcd's open streams: watchers when no data is kept, and keep-alives. */
import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { PUT_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import { KEEP_ALIVE_PATH } from "../../../../src/fake-etcd/lease.ts";
import { WATCH_PATH } from "../../../../src/fake-etcd/watch/service.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { until } from "../../../harness/conditions.ts";
import { call, fakeEtcdSuite, identity } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd streams");

test("a put's event reaches each watcher of its key over open streams, even beyond their windows", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  const stream = client.makeBidiStreamRequest(WATCH_PATH, identity, identity);
  type Answer = { watchId: string; created: boolean; events: { kv: { value: Buffer } }[] };
  const answers: Answer[] = [];
  stream.on("error", () => {});
  stream.on("data", (bytes: Buffer) => {
    answers.push(decodeMessage<Answer>("etcdserverpb.WatchResponse", bytes));
  });
  const key = Buffer.from("watched");
  for (const watchId of [7, 8]) {
    const createRequest = { key, watchId };
    stream.write(encodeMessage("etcdserverpb.WatchRequest", { createRequest }));
  }
  await until("both watchers", () => answers.filter(({ created }) => created).length === 2);
  const puts = 20;
  const value = Buffer.alloc(10_000, 3);
  for (const each of [key, Buffer.from("another")]) {
    const message = encodeMessage("etcdserverpb.PutRequest", { key: each, value });
    for (let at = 0; at < puts; at++) await call(client, PUT_PATH, message);
  }
  const events = () => answers.filter((answer) => answer.events.length === 1);
  await until("all events", () => events().length === 2 * puts);
  assert.is(events().filter(({ watchId }) => watchId === "7").length, puts);
  assert.ok(events().every((answer) => answer.events[0]!.kv.value.equals(value)));
});

test("each keep-alive on a stream is answered with a TTL, and the stream's end with trailers", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  const stream = client.makeBidiStreamRequest(KEEP_ALIVE_PATH, identity, identity);
  const lives: string[] = [];
  stream.on("data", (bytes: Buffer) => {
    const { TTL } = decodeMessage<{ TTL: string }>("etcdserverpb.LeaseKeepAliveResponse", bytes);
    lives.push(TTL);
  });
  const ended = once(stream, "status");
  for (let at = 0; at < 3; at++) {
    stream.write(encodeMessage("etcdserverpb.LeaseKeepAliveRequest", { ID: "7587" }));
  }
  stream.end();
  const [{ code }] = (await ended) as [{ code: number }];
  assert.is(code, status.OK);
  assert.equal(lives, ["100", "100", "100"]);
});

test.run();
