/** Compares the answers of `bench range` with etcd's own count of sent bytes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { store } from "../etcd/stored-keys.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { type FakeEtcd, startFakeEtcd } from "../peers/fake-etcd.ts";

const KEYS = 40;
const VALUE_BYTES = 2_000;
const TOTAL = 300;

const test = suite<{ cluster: LocalCluster }>("range-answers");

before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const [endpoint] = context.cluster.endpoints;
  for (let at = 0; at < KEYS; at++) await store(endpoint!, `key/${at}`, "v".repeat(VALUE_BYTES));
  await store(endpoint!, "other", "v".repeat(VALUE_BYTES));
});
test.after(({ cluster }) => cluster?.down());

async function sentBytes(endpoint: string): Promise<number> {
  const page = await (await fetch(`http://${endpoint}/metrics`)).text();
  return Number(/^etcd_network_client_grpc_sent_bytes_total (\S+)$/m.exec(page)?.[1]);
}

/** Bytes of each answer, and the notes of the run. */
async function answerOf({ cluster }: { cluster: LocalCluster }, ...args: string[]) {
  const endpoint = cluster.endpoints[0]!;
  const before = await sentBytes(endpoint);
  const flags = [`--endpoints=${endpoint}`, `--total=${TOTAL}`, "--clients=2"];
  const { code, stderr, result } = await measure(["range", ...flags, ...args]);
  assert.is(code, 0, stderr);
  const { requests, received, intervals } = onlyOperation(result);
  assert.is(requests.succeeded, TOTAL);
  const bytes = ((await sentBytes(endpoint)) - before) / TOTAL;
  // etcd's count includes message overhead, the warm-up and the first look at the target.
  const measured = received!.bytes / TOTAL;
  assert.ok(measured <= bytes && measured > bytes - 1_000, `${measured} of ${bytes} bytes`);
  const inIntervals = intervals.reduce((sum, each) => sum + each.receivedKeys!, 0);
  assert.is(inIntervals, received!.keys);
  return { bytes, keys: received!.keys / TOTAL, notes: result.notes };
}

test("--prefix reads the keys with the prefix, or all keys without one", async (context) => {
  const some = await answerOf(context, "key/", "--prefix");
  assert.ok(some.notes.includes(`The range holds ${KEYS} keys.`), some.notes.join("\n"));
  assert.ok(some.bytes > KEYS * VALUE_BYTES, `${some.bytes} bytes`);
  assert.is(some.keys, KEYS);
  const all = await answerOf(context, "--prefix");
  assert.ok(all.notes.includes(`The range holds ${KEYS + 1} keys.`), all.notes.join("\n"));
  const none = await answerOf(context, "kez", "--prefix");
  assert.ok(none.notes.some((note) => /this measures empty answers/.test(note)));
});

test("--limit, --keys-only and --count-only shorten the answers", async (context) => {
  const limited = await answerOf(context, "key/", "--prefix", "--limit=5");
  assert.ok(limited.bytes > 5 * VALUE_BYTES && limited.bytes < 7 * VALUE_BYTES, `${limited.bytes}`);
  const keys = await answerOf(context, "key/", "--prefix", "--keys-only");
  assert.ok(keys.bytes > KEYS * 5 && keys.bytes < KEYS * 100, `${keys.bytes} bytes`);
  const count = await answerOf(context, "key/", "--prefix", "--count-only");
  assert.ok(count.bytes < 500, `${count.bytes} bytes`);
  assert.equal([limited.keys, keys.keys, count.keys], [5, KEYS, 0]);
  const sorted = await answerOf(context, "key/", "key0", "--sort=mod:descend", "--limit=1");
  assert.ok(sorted.bytes > VALUE_BYTES && sorted.bytes < 2 * VALUE_BYTES, `${sorted.bytes} bytes`);
});

for (const transport of ["wire", "grpc-js"]) {
  test(`over ${transport} --paginate reads each key once in a scan, page by page`, async ({
    cluster,
  }) => {
    const flags = [`--endpoints=${cluster.endpoints[0]}`, "key/", "--prefix", "--paginate"];
    const load = ["--limit=7", "--total=50", "--clients=3", `--transport=${transport}`];
    const { code, stderr, result } = await measure(["range", ...flags, ...load]);
    assert.is(code, 0, stderr);
    const [scan, page] = result.operations;
    assert.equal([scan!.name, page!.name], ["range-linearizable", "range-linearizable-page"]);
    assert.is(scan!.requests.succeeded, 50);
    assert.is(page!.requests.succeeded, 50 * Math.ceil(KEYS / 7));
    for (const { received } of [scan!, page!]) assert.is(received!.keys, 50 * KEYS);
    assert.ok(scan!.serviceTime.meanMs! > 3 * page!.serviceTime.meanMs!);
  });
}

test("--stream is refused in one line when the server has no RangeStream", async ({ cluster }) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--stream", "--total=10"];
  const { code, stderr, stdout } = await bench(["range", "key/0", ...flags]);
  assert.equal([code, stdout], [2, ""]);
  assert.match(stderr, /^bench: --stream: the etcd at \S+ has no RangeStream.*--paginate\n$/);
});

test("--stream reads all parts of each answer when the server has RangeStream", async () => {
  const kvs = Array.from({ length: 3 }, (_, at) => ({
    key: Buffer.from(`k${at}`),
    value: Buffer.from("v"),
  }));
  const header = { clusterId: 1, memberId: 1, revision: 9 };
  const asked: string[] = [];
  const fake: FakeEtcd = await startFakeEtcd({
    Status: () => ({ header, version: "3.7.0", leader: 1, raftTerm: 2 }),
    MemberList: () => ({
      header,
      members: [{ ID: 1, name: "m1", clientURLs: [`http://${fake.endpoint}`] }],
    }),
    Range: () => ({ header, count: 3 }),
    RangeStream: ({ rangeEnd }) => {
      asked.push(String(rangeEnd));
      return {
        parts: [
          { rangeResponse: { kvs: kvs.slice(0, 2) } },
          { rangeResponse: { kvs: kvs.slice(2) } },
          { rangeResponse: { header, count: 3 } },
        ],
      };
    },
  });
  try {
    for (const transport of ["wire", "grpc-js"]) {
      const flags = [`--endpoints=${fake.endpoint}`, "--total=40", `--transport=${transport}`];
      const { code, stderr, result } = await measure(["range", "k", "l", "--stream", ...flags]);
      assert.is(code, 0, stderr);
      const { requests, received } = onlyOperation(result);
      assert.equal([requests.succeeded, received!.keys], [40, 120]);
    }
    assert.is(asked.filter((end) => end === "l").length, 80);
  } finally {
    await fake.stop();
  }
});

test("--dial-timeout limits the time for opening a connection", async ({ cluster }) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--total=10", "--dial-timeout=20s"];
  for (const transport of ["wire", "grpc-js"]) {
    const { code, result } = await measure(["range", ...flags, `--transport=${transport}`]);
    assert.is(code, 0);
    assert.is(result.plan.load.dialTimeoutMs, 20_000);
  }
});

test.run();
