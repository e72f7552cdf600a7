/** Runs `bench kubernetes` on a real etcd: each scenario, the keys in etcd, and a killed etcd. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { OperationResult } from "../../src/result/schema.ts";
import type { KubernetesWorkload } from "../../src/workloads/kubernetes/schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { workloadOf } from "../fixtures/workload-of.ts";
import {
  BenchProcess,
  bench,
  type Measured,
  measure,
  measuredBy,
} from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

const SMALL = ["--nodes=6", "--pods=60", "--pod-size=2kB", "--clients=8", "--conns=2"];

/** Where the slowest requests have their keys, by kind of request. */
const KEYS_OF: Readonly<Record<string, string>> = {
  "lease-update": "leases/kube-node-lease",
  "pod-create": "pods",
  "pod-update": "pods",
  "pod-delete": "pods",
  "pod-get": "pods",
  "pod-list": "pods",
  "event-create": "events",
};

function named({ result }: Measured, name: string): OperationResult {
  const found = result.operations.find((each) => each.name === name);
  assert.ok(found, `${name} of ${result.operations.map((each) => each.name)}`);
  return found;
}

onEachEtcd("kubernetes", {}, (test, etcd) => {
  async function kubernetes(...args: string[]): Promise<Measured> {
    const measured = await measure([
      "kubernetes",
      `--endpoints=${etcd.endpoint}`,
      ...SMALL,
      ...args,
    ]);
    assert.is(measured.code, 0, measured.stderr + measured.result.verdict.reasons);
    return measured;
  }

  test("steady over two workers: all events arrive, and the mix and conflicts are as planned", async () => {
    const args = ["--rate=400", "--workers=2", "--warmup=50", "--keep-slowest=3"];
    const measured = await kubernetes("--total=900", ...args);
    const workload = workloadOf<KubernetesWorkload>(measured.result.plan, "kubernetes");
    const weights = workload.mix.reduce((sum, { weight }) => sum + weight, 0);
    let writes = 0;
    for (const { operation, weight } of workload.mix) {
      const { requests, counters } = named(measured, operation);
      // Each worker is off by less than one.
      const planned = (900 * weight) / weights;
      assert.ok(Math.abs(requests.succeeded - planned) < 2, `${operation}: ${requests.succeeded}`);
      if (/update|create|delete/.test(operation)) writes += requests.succeeded;
      const folder = KEYS_OF[operation];
      for (const { key } of folder === undefined ? [] : named(measured, operation).slowest!) {
        assert.match(key!, new RegExp(`/registry/${folder}/`), operation);
      }
      if (operation !== "pod-update") continue;
      const conflicts = counters.conflicts ?? 0;
      assert.ok(Math.abs(conflicts - requests.succeeded * 0.05) <= 2, `${conflicts} conflicts`);
    }
    assert.is(named(measured, "watch-create").requests.succeeded, 14);
    assert.is(named(measured, "watch-delivery").requests.succeeded, writes);
    const { keys } = await readStored(etcd.endpoint);
    assert.ok(keys.length > 60 + 6 + 6, `${keys.length} keys`);
  });

  // The older etcd needs no more tests: the rest does not depend on the version.
  if (!etcd.version.isNewest) return;

  test("four watchers see a job storm, and compaction continues during it", async () => {
    const args = ["--scenario=job-storm", "--rate=200", "--total=400", "--compact-interval=300ms"];
    const measured = await kubernetes(...args, "--conflict-rate=20%");
    const { compact, jobs, events } = {
      compact: named(measured, "compact"),
      jobs: named(measured, "job").requests.succeeded,
      events: named(measured, "watch-delivery").requests.succeeded,
    };
    assert.ok(compact.counters.compactions! >= 1, JSON.stringify(compact.counters));
    const turns = compact.requests.succeeded;
    // A compaction takes the turn of a write, and a slow machine has time for more compactions.
    const { succeeded } = named(measured, "pod-update").requests;
    assert.ok(Math.abs(succeeded - (400 - turns) / 2) <= 4, `${succeeded} updates, ${turns} turns`);
    assert.is(events, 4 * (400 - turns));
    // A job is one create, two updates and one delete; at most one job for each client is unfinished.
    assert.ok(jobs >= (400 - turns) / 4 - 8, `${jobs} jobs, ${turns} turns`);
  });

  test("relist: all pods are listed during the writes, and all events arrive", async () => {
    const args = ["--scenario=relist", "--relists=2", "--rate=200", "--total=300"];
    const { requests, counters } = named(await kubernetes(...args), "pod-relist");
    assert.ok(requests.succeeded >= 2, `${requests.succeeded} lists`);
    const each = counters.keys! / requests.succeeded;
    assert.ok(each > 55 && each < 65, `${each} keys in a list`);
  });

  test("events: all of them expire with their leases, and the run waits for this", async () => {
    const args = ["--scenario=events", "--event-ttl=2s", "--rate=200", "--total=200"];
    const measured = await kubernetes(...args);
    assert.is(named(measured, "event-create").requests.succeeded, 200);
    assert.is(named(measured, "event-expiry").requests.succeeded, 200);
    assert.ok(named(measured, "event-lease-grant").requests.succeeded >= 1);
    const { keys } = await readStored(etcd.endpoint);
    assert.not(keys.some(({ key }) => key.toString().includes("/events/")));
  });
});

const others = suite("kubernetes");

others("a registry with keys of other programs is refused and not changed", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const endpoint = `--endpoints=${cluster.endpoints[0]!}`;
    const filled = ["put", endpoint, "--prefix=/registry/", "--key-size=20", "--total=1"];
    assert.is((await bench(filled)).code, 0);
    const { code, stderr } = await bench(["kubernetes", endpoint, "--prefix=", ...SMALL]);
    assert.is(code, 2, stderr);
    assert.match(stderr, /--prefix=: 1 key under \/registry\/ was put by no run of bench/);
    assert.is((await readStored(cluster.endpoints[0]!)).keys.length, 1);
  } finally {
    await cluster.down();
  }
});

others("killing etcd ends the run, counts add up, and lost watches fail the run", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const endpoint = cluster.endpoints[0]!;
    const run = new BenchProcess([
      ...[
        "kubernetes",
        `--endpoints=${endpoint}`,
        ...SMALL,
        "--rate=200",
        `--duration=${patient(4)}s`,
      ],
      ...[`--timeout=${patient(1)}s`, "--workers=2", "--output=json"],
    ]);
    await run.until("some writes after the filling", async () => {
      return (await readStored(endpoint)).revision >= 250;
    });
    await cluster.kill("etcd1");
    const measured = measuredBy(await run.ended);
    assert.is(measured.code, 1, measured.stderr);
    assert.is(measured.result.verdict.kind, "errors");
    assert.is(named(measured, "watch-delivery").counters.lostWatchers, 14);
    const whole = named(measured, "kubernetes").requests;
    assert.ok(whole.succeeded > 0 && whole.failed > 0, JSON.stringify(whole));
  } finally {
    await cluster.down();
  }
});

others.run();
