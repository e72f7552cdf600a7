/** Runs bench through common proxies in front of etcd: every request must succeed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { processesNaming } from "../../src/etcd/local-cluster/process-identity.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { ETCD_VERSIONS } from "../etcd/each-etcd.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { drawn, isWholeRun } from "../harness/whole-run.ts";
import {
  PROXY_KINDS,
  type ProxyKind,
  type RunningProxy,
  startProxy,
} from "../peers/etcd-proxies.ts";

/** On two connections, each sends more than the thousand requests after which nginx closes it. */
const TOTAL = 2_200;
const TOTAL_OF_ONE = 1_300;
/** The share of these totals for proxies that do not limit requests. */
const SHARE_OF_OTHERS = drawn({ daily: 0.1, whole: 1 });

let cluster: LocalCluster;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(async () => {
  await cluster?.down();
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

/** Runs a load whose requests must all succeed; returns how many were sent again. */
async function runAll(args: readonly string[], total: number): Promise<number> {
  const { code, result, stderr } = await measure([...args, `--total=${total}`]);
  const { requests, errors } = onlyOperation(result);
  assert.is(code, 0, `${JSON.stringify(errors)} ${stderr}`);
  assert.equal([requests.offered, requests.succeeded, requests.failed], [total, total, 0]);
  return requests.resent;
}

for (const kind of PROXY_KINDS) {
  const isThere = (await kind.program()) !== null;
  if (!isThere) console.log(`skipped: behind ${kind.name}: it is not installed here`);
  const testThere = isThere ? test : test.skip;
  const share = kind.name === "nginx" ? 1 : SHARE_OF_OTHERS;
  const total = TOTAL * share;

  testThere(`${total} puts and ${total} ranges through ${kind.name} all succeed`, () =>
    through(kind, async ({ endpoint }) => {
      const shape = [`--endpoints=${endpoint}`, "--conns=2", "--clients=30", "--workers=2"];
      const before = await readStored(cluster.endpoints[0]!);
      const resent = await runAll(["put", ...shape, "--val-size=256"], total);
      const after = await readStored(cluster.endpoints[0]!);
      // A proxy may process a request and still refuse it; then etcd has one put for each attempt.
      const gained = after.revision - before.revision;
      assert.ok(gained >= total && gained <= total + resent, `${gained}, ${resent} sent again`);
      await runAll(["range", ...shape, "--consistency=s"], total);
      if (isWholeRun()) await runAll(["range", ...shape, "--consistency=l"], total);
    }),
  );

  testThere(`one client behind ${kind.name} gets all answers, even large ones`, () =>
    through(kind, async ({ endpoint }) => {
      const one = ["range", `--endpoints=${endpoint}`, "--val-size=20KB"];
      await runAll(one, TOTAL_OF_ONE * share);
    }),
  );
}

const named = (name: string) => PROXY_KINDS.find((kind) => kind.name === name)!;

test("watchers behind etcd's grpc-proxy receive every put", () =>
  through(named("etcd grpc-proxy"), async ({ endpoint }) => {
    const shape = ["--streams=2", "--watch-per-stream=5", "--put-total=50", "--clients=4"];
    const { code, result, stderr } = await measure(["watch", `--endpoints=${endpoint}`, ...shape]);
    assert.is(code, 0, `${result.verdict.reasons} ${stderr}`);
    const counts = result.operations.map(({ name, requests }) => [name, requests.succeeded]);
    assert.equal(counts.slice(0, 3), [
      ["watch-create", 10],
      ["watch-put", 50],
      ["watch-delivery", 500],
    ]);
  }));

for (const { title, binary } of ETCD_VERSIONS) {
  for (const flags of [...(isWholeRun() ? [[]] : []), ["--tls", "--auth"]]) {
    test(`a throwaway ${title} is measured through a grpc-proxy: ${["--local", ...flags].join(" ")}`, async () => {
      const local = ["--local", "--grpc-proxy", `--etcd=${(await binary()).path}`, ...flags];
      const run = ["put", ...local, "--total=100", "--clients=5", "--conns=2"];
      const { code, result, stderr } = await measure(run);
      assert.is(code, 0, stderr);
      const [, member, proxy] = /at ([\d.:]+)\n.*grpc-proxy at ([\d.:]+)/s.exec(stderr) ?? [];
      assert.equal(result.target.endpoints, [proxy]);
      assert.equal(onlyOperation(result).requests.succeeded, 100);
      // Its metrics are the member's, read directly from the member.
      assert.match(result.plan.target.metricsEndpoints?.[0] ?? "", new RegExp(`${member}$`));
      assert.ok((result.server[0]?.rssMeanBytes ?? 0) > 0);
      assert.equal(processesNaming(`--listen-addr=${proxy}`, []), []);
    });
  }
}

const haproxy = named("haproxy");
const testHaproxy = (await haproxy.program()) === null ? test.skip : test;

testHaproxy("when streams use up haproxy's limit of a connection, the error has the fix", () =>
  through(haproxy, async ({ endpoint }) => {
    const watch = ["watch", `--endpoints=${endpoint}`, "--watch-per-stream=1", "--put-total=10"];
    const refused = await bench([...watch, "--streams=100", "--conns=1"]);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /needs 101 streams at once .*allows 100; use --conns=2 or more/);
    assert.is((await bench([...watch, "--streams=100", "--conns=2"])).code, 0);
  }),
);

test.run();
