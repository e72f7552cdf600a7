/** What the answers of `bench range` hold, as etcd's own count of sent bytes shows it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { measure, onlyOperation } from "../bench-process.ts";
import { etcdForTests } from "../real-etcd.ts";
import { store } from "../stored-keys.ts";

const KEYS = 40;
const VALUE_BYTES = 2_000;
const TOTAL = 300;

const test = suite<{ cluster: LocalCluster }>("range-answers");

test.before(async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const [endpoint] = context.cluster.endpoints;
  for (let at = 0; at < KEYS; at++) await store(endpoint!, `key/${at}`, "v".repeat(VALUE_BYTES));
  await store(endpoint!, "other", "v".repeat(VALUE_BYTES));
});
test.after(({ cluster }) => cluster?.stop());

async function sentBytes(endpoint: string): Promise<number> {
  const page = await (await fetch(`http://${endpoint}/metrics`)).text();
  return Number(/^etcd_network_client_grpc_sent_bytes_total (\S+)$/m.exec(page)?.[1]);
}

/** Bytes of an answer, and the notes of the run. */
async function answerOf({ cluster }: { cluster: LocalCluster }, ...args: string[]) {
  const endpoint = cluster.endpoints[0]!;
  const before = await sentBytes(endpoint);
  const flags = [`--endpoints=${endpoint}`, `--total=${TOTAL}`, "--clients=2"];
  const { code, stderr, result } = await measure(["range", ...flags, ...args]);
  assert.is(code, 0, stderr);
  const { requests, received, intervals } = onlyOperation(result);
  assert.is(requests.succeeded, TOTAL);
  const bytes = ((await sentBytes(endpoint)) - before) / TOTAL;
  // etcd counts the messages too, and those of the warm-up and the looks at the target.
  const measured = received!.bytes / TOTAL;
  assert.ok(measured <= bytes && measured > bytes - 1_000, `${measured} of ${bytes} bytes`);
  const inIntervals = intervals.reduce((sum, each) => sum + each.receivedKeys!, 0);
  assert.is(inIntervals, received!.keys);
  return { bytes, keys: received!.keys / TOTAL, notes: result.notes };
}

test("--prefix reads the keys that start with the key, and without one all there are", async (context) => {
  const some = await answerOf(context, "key/", "--prefix");
  assert.ok(some.notes.includes(`The range holds ${KEYS} keys.`), some.notes.join("\n"));
  assert.ok(some.bytes > KEYS * VALUE_BYTES, `${some.bytes} bytes`);
  assert.is(some.keys, KEYS);
  const all = await answerOf(context, "--prefix");
  assert.ok(all.notes.includes(`The range holds ${KEYS + 1} keys.`), all.notes.join("\n"));
  const none = await answerOf(context, "kez", "--prefix");
  assert.ok(none.notes.some((note) => /this measures empty answers/.test(note)));
});

test("--limit, --keys-only and --count-only leave out what they say", async (context) => {
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

test("--dial-timeout bounds how long a connection may take to open", async ({ cluster }) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--total=10", "--dial-timeout=20s"];
  for (const transport of ["wire", "grpc-js"]) {
    const { code, result } = await measure(["range", ...flags, `--transport=${transport}`]);
    assert.is(code, 0);
    assert.is(result.plan.load.dialTimeoutMs, 20_000);
  }
});

test.run();
