/** Runs `bench ab` on real etcds: alternating runs, fresh data, the verdict, Ctrl-C, saved files. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Comparison, comparisonSchema } from "../../src/compare/schema.ts";
import { processesNaming } from "../../src/etcd/local-cluster/process-identity.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests, olderEtcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, checkedResult } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { whileClaimed } from "../harness/foreign-claim.ts";
import { patient } from "../harness/patience.ts";

/** `folder` is the temporary folder of bench, which nothing else uses. */
const test = suite<{ folder: string }>("ab");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-ab-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

/** The saved runs of an arm, in order. */
async function runsOf(session: string, arm: "a" | "b"): Promise<RunResult[]> {
  const names = (await readdir(session)).filter((name) => name.includes(`-${arm}.`)).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(session, name), "utf8")));
  return texts.map((text) => checkedResult(JSON.parse(text)));
}

const turns = (a: RunResult[], b: RunResult[]) =>
  [...a, ...b]
    .sort((one, other) => one.startedAt.localeCompare(other.startedAt))
    .map(({ plan }) => `${plan.labels.side}${plan.labels.pair}`)
    .join(" ");

/** A comparison without its id. */
function comparisonIn(text: string): Omit<Comparison, "id"> {
  const { id: _, ...rest } = comparisonSchema.parse(JSON.parse(text));
  return rest;
}

/** The client endpoint on the etcd's command line; null when the process is gone. */
async function endpointOf(pid: number): Promise<string | null> {
  const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(gone);
  return /--listen-client-urls=http:\/\/([^\0,]+)/.exec(words)?.[1] ?? null;
}

function gone(cause: NodeJS.ErrnoException): string {
  if (cause.code !== "ENOENT" && cause.code !== "ESRCH") throw cause;
  return "";
}

/** 0 when etcd does not answer, because it is starting or ending. */
async function revisionOf(endpoint: string): Promise<number> {
  return await readStored(endpoint).then(
    ({ revision }) => revision,
    (cause: unknown) => {
      if (cause instanceof Error) return 0;
      throw cause;
    },
  );
}

test("two binaries alternate on fresh clusters, and the saved runs give the same verdict again", async ({
  folder,
}) => {
  const [older, newer] = await Promise.all([olderEtcdForTests(), etcdForTests()]);
  const session = path.join(folder, "session");
  const junit = path.join(folder, "junit.xml");
  const { code, stdout, stderr } = await bench(
    [
      ...["ab", "put", `--a-etcd=${older.path}`, `--b-etcd=${newer.path}`, "--pairs=3"],
      ...["--b-args", "--snapshot-count=1000", "--total=100", "--sequential-keys", "--strict"],
      ...["--gate=throughput", `--save=${session}`, "--output=json", `--output=junit=${junit}`],
    ],
    { env: { TMPDIR: folder } },
  );
  const comparison = comparisonIn(stdout);
  assert.match(stderr, /^plan: 3 pairs, 6 runs; /);
  assert.match(stderr, /^plan: 3 pairs cannot prove a difference, however large \(1 gate/m);
  assert.match(stderr, /^pair 2 of 3: put: a [\d,.]+\/s.*; b [\d,.]+\/s.*; about \w+ left$/m);
  const [cell] = comparison.cells;
  assert.equal([cell!.design, cell!.pairs, comparison.status], ["pairs", 3, "complete"]);
  assert.equal(comparison.base.etcdVersions, [older.version]);
  assert.equal(comparison.head.etcdVersions, [newer.version]);
  // The smallest p of three pairs is 0.25, so no verdict of slower or faster is possible.
  const isValid = comparison.verdict.kind !== "invalid";
  assert.is(code, isValid ? 3 : 4, stdout);
  assert.match(await readFile(junit, "utf8"), /<testsuite name="bench compare put /);

  const [a, b] = [await runsOf(session, "a"), await runsOf(session, "b")];
  assert.ok(["a1 b1 b2 a2 a3 b3", "b1 a1 a2 b2 b3 a3"].includes(turns(a, b)), turns(a, b));
  assert.equal(
    [a[0]!, b[0]!].map(({ plan }) => plan.target.local!.serverArgs),
    [[], ["--snapshot-count=1000"]],
  );
  const clusters = new Set([...a, ...b].map(({ target }) => target.clusterId));
  assert.is(clusters.size, 6, "each run had a cluster of its own");
  assert.ok([...a, ...b].every(({ plan }) => plan.limits.warmupRequests === 10));
  await until("no process is left", () => processesNaming(folder, []).length === 0);

  const again = await bench(["compare", session, "--output=json", "--strict"]);
  assert.is(again.code, code, again.stderr);
  assert.equal(comparisonIn(again.stdout), comparison);
});

test("Ctrl-C saves and compares the complete pairs, and --resume measures the others", async ({
  folder,
}) => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const session = path.join(folder, "session");
    const duration = `--duration=${patient(400)}ms`;
    const args = [
      ...["ab", "range", `--endpoints=${cluster.endpoints[0]}`, "--consistency=s", "--pairs=3"],
      ...[
        "--a-flags",
        "--conns=1",
        "--b-flags",
        "--conns=2",
        "--clients=2",
        "--rate=100",
        duration,
      ],
      ...["--label=commit=abc", "--output=json"],
    ];
    const run = new BenchProcess([...args, `--save=${session}`]);
    await run.said(/^pair 1 of 3: /m);
    run.signal("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    assert.is(code, 130, stderr);
    assert.match(stderr, /^plan: 3 pairs, and 1 pair before them, 8 runs, /);
    const broken = comparisonIn(stdout);
    assert.is(broken.status, "interrupted");
    const [ofA, ofB] = [broken.base.resultIds.length, broken.head.resultIds.length];
    assert.ok(ofA === ofB && (ofA === 1 || ofA === 2), `complete pairs alone: ${ofA} and ${ofB}`);
    assert.is(broken.labels.commit, "abc");
    assert.match(broken.notes.join(" "), /The clusters ran before and were not restarted/);

    const other = await bench([...args, "--timeout=9s", `--resume=${session}`]);
    assert.is(other.code, 2);
    assert.match(
      other.stderr,
      /^bench: --resume: .*\(run 1 was "range .*" and is "range .*--timeout=9s.*"\)/,
    );

    await whileClaimed(session, async () => {
      const second = await bench([...args, `--resume=${session}`]);
      assert.is(second.code, 2);
      assert.match(second.stderr, ` is in use by bench with pid ${process.pid}: wait until`);
    });
    const rest = await bench([...args, `--resume=${session}`]);
    const whole = comparisonIn(rest.stdout);
    assert.equal([whole.status, whole.cells[0]!.pairs], ["complete", 3], rest.stderr);
    assert.match(whole.notes.join(" "), /The plans differ in load\.connections \(1, 2\)/);
    const [a, b] = [await runsOf(session, "a"), await runsOf(session, "b")];
    const sessions = new Set([...a, ...b].map(({ plan }) => plan.labels.session));
    assert.is(sessions.size, 1, "what was thrown away is not kept");
  } finally {
    await cluster.down();
  }
});

test("a canary compares etcd with itself and prints the machine's noise", async ({ folder }) => {
  const { path: etcd } = await etcdForTests();
  const { code, stdout, stderr } = await bench(
    [
      "ab",
      "put",
      "--local",
      `--etcd=${etcd}`,
      "--canary",
      "--pairs=2",
      "--total=100",
      "--gate=mean",
    ],
    { env: { TMPDIR: folder }, cwd: folder },
  );
  assert.match(stdout, /^The same against itself\nbase: a, etcd 3\./);
  assert.match(stdout, /^Noise of put mean: [\d.]+% from run to run; /m);
  assert.ok(code === 0 || code === 4, stderr);
  const [session] = await readdir(path.join(folder, "results"));
  assert.match(session!, /^ab-\w+$/, "without --save the runs are kept in results");
});

test("an etcd killed during a run makes the session invalid, and all results are saved", async ({
  folder,
}) => {
  const { path: etcd } = await etcdForTests();
  const home = await mkdtemp(path.join(os.tmpdir(), "bench-ab-home-"));
  try {
    const run = new BenchProcess(
      [
        ...["ab", "put", "--local", `--etcd=${etcd}`, "--canary", "--pairs=2", "--output=json"],
        ...["--rate=50", "--clients=2", `--duration=${patient(2)}s`, "--warmup=10"],
      ],
      { env: { TMPDIR: folder }, cwd: home },
    );
    await run.until("a run is under way", async () => {
      const [pid] = processesNaming(folder, []);
      const endpoint = pid === undefined ? null : await endpointOf(pid);
      if (endpoint === null || (await revisionOf(endpoint)) < 30) return false;
      process.kill(pid!, "SIGKILL");
      return true;
    });
    const { code, stdout, stderr } = await run.ended;
    assert.is(code, 4, stderr);
    assert.match(stderr, /^note: a run of [ab] is not valid \(errors; /m);
    const { verdict, status, cells } = comparisonIn(stdout);
    assert.equal([verdict.kind, status, cells[0]!.pairs], ["invalid", "complete", 2]);
    assert.match(verdict.reasons.join("; "), /(^|; )1 of 4 runs had errors/, stderr);
    const [session] = await readdir(path.join(home, "results"));
    const place = path.join(home, "results", session!);
    const all = [...(await runsOf(place, "a")), ...(await runsOf(place, "b"))];
    const failed = all.filter(({ operations }) => operations[0]!.requests.failed > 0);
    assert.equal([all.length, failed.length], [4, 1]);
    assert.ok(failed[0]!.operations[0]!.requests.succeeded > 0, "it was measured until then");
    assert.ok(all.every(({ plan }) => plan.labels.canary === "true"));
    assert.equal(await readdir(folder), []);
    await until("no process is left", () => processesNaming(folder, []).length === 0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test("invalid input is refused in one line, before any file is written", async ({ folder }) => {
  const { path: etcd } = await etcdForTests();
  const nobody = ["--a-endpoints=127.0.0.1:1", "--b-endpoints=127.0.0.1:1"];
  for (const [args, words, exitCode = 2] of [
    [nobody, /\nbench: .*127\.0\.0\.1:1/, 3],
    [["--local"], /^bench: arms a and b are the same; give --b-etcd/],
    [[`--a-etcd=${etcd}`, "--b-etcd=/none"], /\nbench: --b-etcd \/none does not exist: .*\n$/],
    [
      [`--etcd=${etcd}`, "--b-args=--nonsense"],
      /\nbench: --b-args: etcd .* does not take --nonsense: flag provided but not defined: -nonsense\n$/,
    ],
    [
      [`--etcd=${etcd}`, "--b-args=--heartbeat-interval=5000"],
      /\nbench: --b-args: the local cluster of .* did not start: etcd1 ended before it served/,
    ],
  ] as const) {
    const place = [`--save=${path.join(folder, "session")}`];
    const { code, stdout, stderr } = await bench(["ab", "put", "--total=10", ...args, ...place], {
      env: { TMPDIR: folder },
    });
    assert.is(code, exitCode, stderr);
    assert.is(stdout, "");
    assert.match(stderr, words);
    assert.equal(await readdir(folder), []);
  }
});

test.run();
