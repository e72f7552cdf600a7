/**
 * Kills etcd in the middle of every measuring command, on both versions: each run ends by itself,
 * is saved, exits with 1, and its counts add up. All of one version run at once against one etcd, so
 * that one death serves them all.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { startLocalCluster } from "../../src/target/local-cluster.ts";
import { BenchProcess, checkedResult, measuredBy } from "../bench-process.ts";
import { etcdForTests, olderEtcdForTests } from "../real-etcd.ts";
import { readStored } from "../stored-keys.ts";

/** Without a duration, so that a slow start of one cannot end another before its time. */
const SHAPE = ["--total=100k", "--rate=20", "--clients=3", "--timeout=1s", "--output=json"];
/** Keys of its own, so that no command meets another's. */
const KEYS = "--key-size=16";

/** Enough for a catch-up that the death interrupts. */
const WATCHERS = 20_000;
const EVENTS = 100;

/** The flags of each command; null for those that measure no etcd of the person's. */
const FLAGS: Record<string, readonly string[] | null> = {
  put: [KEYS, "--prefix=put/"],
  range: ["--key-size=9"],
  "txn-put": [KEYS, "--prefix=txn-put/", "--key-space-size=10", "--txn-ops=2"],
  "txn-mixed": [KEYS, "--prefix=txn-mix/", "--key-space-size=10"],
  delete: [KEYS, "--prefix=delete/", "--key-space-size=1000"],
  mixed: [KEYS, "--prefix=mixed/", "--key-space-size=10"],
  compact: [KEYS, "--prefix=compact/", "--key-space-size=100", "--compact-interval=1s"],
  defrag: [KEYS, "--prefix=defrag/", "--key-space-size=100", "--defrag-at=1s"],
  kubernetes: ["--prefix=/kubernetes", "--nodes=3", "--pods=20", "--pod-size=1kB"],
  stm: ["--keys=2"],
  lock: ["--hold=1ms"],
  election: ["--proclaims=1"],
  "lease-grant": [],
  "lease-keepalive": [],
  watch: ["--prefix=watch/", "--streams=3", "--watch-per-stream=2"],
  "watch-latency": ["--prefix=latency/", "--streams=3"],
  "watch-get": [KEYS, "--prefix=watch-get/", `--watchers=${WATCHERS}`, `--events=${EVENTS}`],
  staleness: [KEYS, "--prefix=staleness/", "--key-space-size=10", "--read-rate=20"],
  quickstart: null,
  calibrate: null,
  report: null,
  compare: null,
};

/** It ends by itself when its watchers have caught up, so it begins when all others are under way. */
const LAST = "watch-get";

/** Only a hang reaches it: all of them share the machine, so each takes about as long as all. */
const LIMIT_MS = 240_000;

/** So many writes of all together are a second or so of their rates. */
const WRITES_BEFORE_THE_DEATH = 200;

function hasFailed({ requests, counters }: OperationResult): boolean {
  return requests.failed > 0 || (counters.missing ?? 0) > 0;
}

/** Those that came, and those that are said to be missing. */
function accountedEvents({ operations }: RunResult): number {
  const { requests, counters } = operations.find(({ name }) => name === "watch-catch-up")!;
  return requests.succeeded + (counters.missing ?? 0);
}

const test = suite("etcd killed in the middle");

test("every command has a line in the table", () => {
  assert.equal(COMMANDS.map(({ name }) => name).sort(), Object.keys(FLAGS).sort());
});

for (const [version, binary] of [
  ["etcd", etcdForTests],
  ["etcd 3.4", olderEtcdForTests],
] as const) {
  test(`${version}: every measuring command ends by itself, is saved, and its counts add up`, async () => {
    const cluster = await startLocalCluster({ binary: await binary(), members: 1 });
    const folder = await mkdtemp(join(tmpdir(), "bench-kills-"));
    const runs: { name: string; run: BenchProcess }[] = [];
    try {
      const endpoint = cluster.endpoints[0]!;
      const start = (name: string) => {
        const flags = FLAGS[name] ?? null;
        if (flags === null) return;
        const place = [`--endpoints=${endpoint}`, `--save=${join(folder, name)}`];
        runs.push({
          name,
          run: new BenchProcess([name, ...place, ...SHAPE, ...flags], { limitMs: LIMIT_MS }),
        });
      };
      for (const name of Object.keys(FLAGS)) if (name !== LAST) start(name);
      for (const { run } of runs) await run.said(/^measuring/m);
      start(LAST);
      await runs.at(-1)!.run.said(/^measuring/m);
      const { revision } = await readStored(endpoint);
      await runs[0]!.run.until("all are under way", async () => {
        return (await readStored(endpoint)).revision > revision + WRITES_BEFORE_THE_DEATH;
      });
      await cluster.kill(0);
      for (const { name, run } of runs) {
        const { code, result, stderr } = measuredBy(await run.ended);
        assert.is(code, 1, `${name}: ${stderr}`);
        assert.is(result.verdict.kind, "errors", name);
        const requests = result.operations.map((each) => each.requests);
        const shown = `${name}: ${JSON.stringify(requests)}`;
        assert.ok(
          requests.some(({ succeeded }) => succeeded > 0),
          shown,
        );
        assert.ok(result.operations.some(hasFailed), shown);
        const [file] = await readdir(join(folder, name));
        const saved = JSON.parse(await readFile(join(folder, name, file!), "utf8"));
        assert.equal(checkedResult(saved), result, name);
        if (name === LAST) assert.is(accountedEvents(result), WATCHERS * EVENTS);
      }
    } finally {
      // Those that have ended hear nothing of it.
      for (const { run } of runs) run.signal("SIGKILL");
      await Promise.allSettled(runs.map(({ run }) => run.ended));
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test.run();
