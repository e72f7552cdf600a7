/** Drives bench through the proxies that people put before etcd: every request must succeed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { measure, onlyOperation } from "../bench-process.ts";
import { PROXY_KINDS, type ProxyKind, type RunningProxy, startProxy } from "../etcd-proxies.ts";
import { etcdForTests } from "../real-etcd.ts";
import { readStored } from "../stored-keys.ts";

const TOTAL = 5_000;

let cluster: LocalCluster;

test.before(async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(async () => {
  await cluster?.stop();
});

async function through(
  kind: ProxyKind,
  use: (proxy: RunningProxy) => Promise<void>,
): Promise<void> {
  const proxy = await startProxy(kind, cluster.endpoints[0]!);
  try {
    await use(proxy);
  } finally {
    await proxy.stop();
  }
}

/** A run of which every request succeeded; yields how many were sent again. */
async function runAll(args: readonly string[]): Promise<number> {
  const { code, result, stderr } = await measure([...args, `--total=${TOTAL}`]);
  const { requests, errors } = onlyOperation(result);
  assert.is(code, 0, `${JSON.stringify(errors)} ${stderr}`);
  assert.equal([requests.offered, requests.succeeded, requests.failed], [TOTAL, TOTAL, 0]);
  return requests.resent;
}

for (const kind of PROXY_KINDS) {
  const isThere = (await kind.program()) !== null;
  if (!isThere) console.log(`skipped: behind ${kind.name}: it is not installed here`);
  const testThere = isThere ? test : test.skip;

  testThere(`${TOTAL} puts and ${TOTAL} ranges behind ${kind.name} all succeed`, () =>
    through(kind, async ({ endpoint }) => {
      const shape = [`--endpoints=${endpoint}`, "--conns=3", "--clients=30", "--workers=2"];
      const before = await readStored(cluster.endpoints[0]!);
      const resent = await runAll(["put", ...shape, "--val-size=256"]);
      const after = await readStored(cluster.endpoints[0]!);
      // A proxy may process what it hands back; then etcd holds a put for each time it was sent.
      const gained = after.revision - before.revision;
      assert.ok(gained >= TOTAL && gained <= TOTAL + resent, `${gained}, ${resent} sent again`);
      await runAll(["range", ...shape, "--consistency=s"]);
      await runAll(["range", ...shape, "--consistency=l"]);
    }),
  );

  testThere(`one client behind ${kind.name} gets all its answers, large ones too`, () =>
    through(kind, async ({ endpoint }) => {
      await runAll(["range", `--endpoints=${endpoint}`, "--val-size=20KB"]);
    }),
  );
}

test.run();
