/**
 * Kills etcd during every measuring command, on each version: each run ends on its own, is saved,
 * exits with 1, and its counts add up. Half of the commands run at once on one etcd, so that one kill
 * tests them all.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEASURING_COMMANDS } from "../../src/cli/measure/measuring-commands.ts";
import type { EtcdBinary } from "../../src/etcd/etcd-binary/binary.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { ETCD_VERSIONS } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, checkedResult, measuredBy } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

/** No duration, so that a slow start of one command cannot end another one early. */
const SHAPE = [
  "--total=100k",
  "--rate=20",
  "--clients=3",
  `--timeout=${patient(1)}s`,
  "--output=json",
];
/** For the first connection to etcd, because many commands start at once. */
const PATIENCE = `--dial-timeout=${patient(60)}s`;
/** Separate keys for each command. */
const KEYS = "--key-size=16";

/** Enough for a catch-up that is still running at the kill. */
const WATCHERS = 20_000;
const EVENTS = 100;

/** The flags of each command. */
const FLAGS: Record<string, readonly string[]> = {
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
};

/** This command ends when its watchers have caught up, so it starts after all others. */
const LAST = "watch-get";

const OTHERS = Object.keys(FLAGS).filter((name) => name !== LAST);
const HALF = Math.ceil(OTHERS.length / 2);

/** Only a hang reaches it: half of the commands share the machine, so each one is slow. */
const LIMIT_MS = patient(240_000);

/** Together, the commands do this number of writes in about a second. */
const WRITES_BEFORE_THE_DEATH = 100;

function hasFailed({ requests, counters }: OperationResult): boolean {
  return requests.failed > 0 || (counters.missing ?? 0) > 0;
}

/** Received events plus events reported as missing. */
function accountedEvents({ operations }: RunResult): number {
  const { requests, counters } = operations.find(({ name }) => name === "watch-catch-up")!;
  return requests.succeeded + (counters.missing ?? 0);
}

const test = suite("etcd killed in the middle");

test("every measuring command is in the table", () => {
  // This command measures outages: e2e/failover kills its etcd.
  const names = MEASURING_COMMANDS.map(({ name }) => name).filter(
    (name) => name !== "availability",
  );
  assert.equal(names.sort(), Object.keys(FLAGS).sort());
});

for (const { title, binary } of ETCD_VERSIONS) {
  for (const names of [OTHERS.slice(0, HALF), [...OTHERS.slice(HALF), LAST]]) {
    test(`${title}: ${names.join(", ")} end on their own, are saved, and their counts add up`, async () => {
      await killInTheMiddle(await binary(), names);
    });
  }
}

async function killInTheMiddle(binary: EtcdBinary, names: readonly string[]): Promise<void> {
  const cluster = await startLocalCluster({ binary, members: 1 });
  const folder = await mkdtemp(join(tmpdir(), "bench-kills-"));
  const runs: { name: string; run: BenchProcess }[] = [];
  try {
    const endpoint = cluster.endpoints[0]!;
    const start = (name: string) => {
      const place = [`--endpoints=${endpoint}`, `--save=${join(folder, name)}`];
      const args = [name, ...place, ...SHAPE, PATIENCE, ...FLAGS[name]!];
      runs.push({ name, run: new BenchProcess(args, { limitMs: LIMIT_MS }) });
    };
    for (const name of names) if (name !== LAST) start(name);
    for (const { run } of runs) await run.said(/^measuring/m);
    if (names.includes(LAST)) {
      start(LAST);
      await runs.at(-1)!.run.said(/^measuring/m);
    }
    const { revision } = await readStored(endpoint);
    await runs[0]!.run.until("all are under way", async () => {
      return (await readStored(endpoint)).revision > revision + WRITES_BEFORE_THE_DEATH;
    });
    await cluster.kill("etcd1");
    for (const { name, run } of runs) {
      const result = await endedBy(name, run);
      const [file] = await readdir(join(folder, name));
      const saved = JSON.parse(await readFile(join(folder, name, file!), "utf8"));
      assert.equal(checkedResult(saved), result, name);
    }
  } finally {
    // Commands that ended ignore this signal.
    for (const { run } of runs) run.signal("SIGKILL");
    await Promise.allSettled(runs.map(({ run }) => run.ended));
    await cluster.down();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Checks the result of a run after the kill. */
async function endedBy(name: string, run: BenchProcess): Promise<RunResult> {
  const { code, result, stderr } = measuredBy(await run.ended);
  assert.is(code, 1, `${name}: ${stderr}`);
  assert.is(result.verdict.kind, "errors", name);
  const shown = `${name}: ${JSON.stringify(result.operations.map((each) => each.requests))}`;
  assert.ok(
    result.operations.some(({ requests }) => requests.succeeded > 0),
    shown,
  );
  assert.ok(result.operations.some(hasFailed), shown);
  if (name === LAST) assert.is(accountedEvents(result), WATCHERS * EVENTS);
  return result;
}

test.run();
