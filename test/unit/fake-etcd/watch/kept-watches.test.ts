/** Events that watchers get from a fake etcd that keeps the data written to it. */
import type { Client } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { WATCH_PATH } from "../../../../src/fake-etcd/watch/service.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { until } from "../../../harness/conditions.ts";
import { callKv, fakeEtcdSuite, identity } from "../rig.ts";

const test = fakeEtcdSuite("fake etcd watches of kept data", true);

interface KeyValue {
  key: Buffer;
  value: Buffer;
  modRevision: string;
}

interface WatchResponse {
  header: { revision: string };
  watchId: string;
  created: boolean;
  canceled: boolean;
  cancelReason: string;
  events: { type: string; kv: KeyValue; prevKv: KeyValue | null }[];
}

/** Creates one watcher on its own stream; resolves when it is created. */
async function watch(client: Client, createRequest: object): Promise<WatchResponse[]> {
  const answers: WatchResponse[] = [];
  const stream = client.makeBidiStreamRequest(WATCH_PATH, identity, identity);
  stream.on("error", () => {});
  stream.on("data", (bytes: Buffer) => {
    answers.push(decodeMessage<WatchResponse>("etcdserverpb.WatchResponse", bytes));
  });
  stream.write(encodeMessage("etcdserverpb.WatchRequest", { createRequest }));
  await until("the watcher", () => answers.length > 0);
  assert.is(answers[0]!.created, true);
  return answers;
}

const eventsOf = (answers: readonly WatchResponse[]) =>
  answers.flatMap(({ events }) =>
    events.map(({ type, kv, prevKv }) => `${type} ${kv.key} ${kv.value} ${prevKv?.value ?? "-"}`),
  );

const put = (client: Client, key: string, value: string) =>
  callKv<{ header: { revision: string } }>(client, "Put", {
    key: Buffer.from(key),
    value: Buffer.from(value),
  });

const folder = { key: Buffer.from("a/"), rangeEnd: Buffer.from("a0") };

test("a watcher of a range gets each change in it, with the previous value if requested", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  const withPrevious = await watch(client, { ...folder, prevKv: true });
  const without = await watch(client, folder);
  const all = await watch(client, { key: Buffer.from("\0"), rangeEnd: Buffer.from("\0") });
  await put(client, "a/1", "first");
  await put(client, "b/1", "elsewhere");
  const { header } = await put(client, "a/1", "second");
  const key = Buffer.from("a/1");
  await callKv(client, "Txn", {
    compare: [{ target: "MOD", result: "EQUAL", key, modRevision: header.revision }],
    success: [{ requestDeleteRange: { key } }],
  });
  await until("all events", () => eventsOf(all).length === 4 && eventsOf(without).length === 3);
  assert.equal(eventsOf(withPrevious), [
    "PUT a/1 first -",
    "PUT a/1 second first",
    "DELETE a/1  second",
  ]);
  assert.equal(eventsOf(without), ["PUT a/1 first -", "PUT a/1 second -", "DELETE a/1  -"]);
  const revisions = all.flatMap(({ events }) => events.map(({ kv }) => Number(kv.modRevision)));
  const first = revisions[0]!;
  assert.equal(revisions, [first, first + 1, first + 2, first + 3]);
});

test("a watcher from an older revision gets the changes since then, and then the new ones", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  await put(client, "a/1", "missed");
  const { header } = await put(client, "a/1", "old");
  await put(client, "a/2", "another");
  await put(client, "a/1", "newer");
  const key = Buffer.from("a/1");
  const answers = await watch(client, { key, startRevision: header.revision, watchId: 7 });
  await put(client, "a/1", "new");
  await until("three events", () => eventsOf(answers).length === 3);
  assert.equal(eventsOf(answers), ["PUT a/1 old -", "PUT a/1 newer -", "PUT a/1 new -"]);
  // The history comes in one message, as etcd sends it.
  assert.equal(
    answers.map(({ watchId, events }) => `${watchId} ${events.length}`),
    ["7 0", "7 2", "7 1"],
  );
});

test("a watcher from a revision before the first one is refused like a compacted one", async ({
  grpcClient,
}) => {
  const client = grpcClient();
  const [answer] = await watch(client, { key: Buffer.from("a"), startRevision: "1" });
  assert.is(answer!.canceled, true);
  assert.match(answer!.cancelReason, /history/);
});

test.run();
