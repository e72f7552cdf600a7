/**
 * Runs `bench run` on a user's suites: what it saves, how it resumes after Ctrl-C, kill -9 and a full
 * disk, and what it refuses.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sweepAbandonedClusters } from "../../src/etcd/local-cluster/cluster-folder.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { type BenchEnd, BenchProcess, bench, checkedResult } from "../harness/bench-process.ts";
import { builtBench } from "../harness/built-bench.ts";
import { patient } from "../harness/patience.ts";
import { SmallDisk } from "../harness/small-disk.ts";

/** `cwd` is the working folder of bench, with its temporary folder and results. */
const test = suite<{ cwd: string }>("suites");

test.before.each(async (context) => {
  context.cwd = await mkdtemp(join(tmpdir(), "bench-suites-"));
});

test.after.each(async ({ cwd }) => {
  await rm(cwd, { recursive: true, force: true });
});

const SHORT = "flags: { clients: 2, total: 50 }";
const CHANGED =
  /s\.yaml is not the suite that kept was begun with: run 1 was "put .*total=50" and is "put .*total=60"/;
/** The second of three runs lasts until the test stops it. */
const WITH_A_LONG_ONE = `name: three
cells:
  - { name: first, command: put, ${SHORT} }
  - { name: long, command: put, flags: { clients: 2, duration: 10m } }
  - { name: last, command: range, ${SHORT} }
`;

async function args(cwd: string, text: string, ...more: string[]): Promise<string[]> {
  await writeFile(join(cwd, "s.yaml"), text);
  return ["run", "s.yaml", ...(await local()), "--save=kept", ...more];
}

async function local(): Promise<string[]> {
  return ["--local", `--etcd=${(await etcdForTests()).path}`];
}

function start(cwd: string, words: readonly string[]): BenchProcess {
  return new BenchProcess(words, { cwd, env: { TMPDIR: cwd } });
}

async function results(folder: string): Promise<Map<string, RunResult>> {
  const files = (await readdir(folder))
    .filter((name) => name.endsWith(".json") && name !== "suite.json")
    .sort();
  const texts = files.map((name) => readFile(join(folder, name), "utf8"));
  const found = (await Promise.all(texts)).map((text) => checkedResult(JSON.parse(text)));
  return new Map(files.map((file, at) => [file, found[at]!]));
}

function assertEnds(end: BenchEnd, code: number, said: RegExp): void {
  assert.is(end.code, code, end.stderr);
  assert.match(end.stderr, said);
}

test("a suite saves one file for each run, sums up its cells, and ends with the worst exit code", async ({
  cwd,
}) => {
  const text = `name: small
order: interleaved
repeats: 2
cells:
  - name: writes
    command: put
    flags: { clients: $conns, total: 50 }
    matrix: { conns: [1, 2] }
    prepare: [{ command: put, flags: { total: 5, sequential-keys: true } }]
  - { name: reads, command: range, repeats: 1, etcd: fresh, flags: { total: 50, threshold: qps>100M } }
`;
  const end = await bench(await args(cwd, text, "--label=commit=abc", "-o", "json"), {
    cwd,
    env: { TMPDIR: cwd },
  });
  assertEnds(end, 1, /run 1 of 5: writes, conns=1, 1 of 2[\s\S]*results are in kept/);
  assert.match(end.stderr, /^run 3 of 5 ended: range-linearizable [\d,.]+\/s/m);
  const kept = await results(join(cwd, "kept"));
  assert.equal(
    [...kept.keys()],
    [
      "001-writes-conns=1.1.json",
      "002-writes-conns=2.1.json",
      "003-reads.json",
      "004-writes-conns=2.2.json",
      "005-writes-conns=1.2.json",
    ],
  );
  const printed = JSON.parse(end.stdout) as RunResult[];
  const cell = ({ plan }: RunResult) => `${plan.labels.cell} ${plan.labels.repeat}`;
  assert.equal(printed.map(cell), [
    "writes, conns=1 1",
    "writes, conns=1 2",
    "writes, conns=2 1",
    "writes, conns=2 2",
    "reads 1",
  ]);
  for (const result of kept.values()) {
    assert.is(result.plan.labels.suite, "small");
    assert.is(result.plan.labels.commit, "abc");
    assert.is(result.operations[0]!.requests.succeeded, 50);
  }
  const clusterOf = (file: string) => kept.get(file)!.target.clusterId;
  assert.is(clusterOf("001-writes-conns=1.1.json"), clusterOf("002-writes-conns=2.1.json"));
  assert.is.not(clusterOf("002-writes-conns=2.1.json"), clusterOf("003-reads.json"));
  assert.equal((await readdir(cwd)).sort(), ["kept", "s.yaml"], "nothing else is left");
});

test("Ctrl-C keeps the finished runs, and a changed suite is not resumed", async ({ cwd }) => {
  const begun = start(cwd, await args(cwd, WITH_A_LONG_ONE));
  await begun.said(/run 2 of 3/);
  const second = await bench(["run", "--resume=kept"], { cwd, env: { TMPDIR: cwd } });
  assertEnds(second, 2, /^bench: --resume: kept is in use by bench with pid \d+: wait until it/m);
  begun.signal("SIGINT");
  assertEnds(await begun.ended, 130, /2 of 3 runs are missing; bench run --resume=kept goes on/);
  const kept = await results(join(cwd, "kept"));
  assert.is(kept.get("001-first.json")!.status, "complete");
  assert.is(kept.get("002-long.json")?.status ?? "interrupted", "interrupted");
  assert.not(kept.has("003-last.json"));
  const files = await readdir(join(cwd, "kept"));
  assert.equal(
    files.filter((name) => name.startsWith(".")),
    [],
  );

  await writeFile(join(cwd, "s.yaml"), WITH_A_LONG_ONE.replace("total: 50", "total: 60"));
  const changed = await bench(["run", "--resume=kept"], { cwd });
  assertEnds(changed, 2, CHANGED);
});

test("kill -9 between two runs loses none, and --resume measures the missing runs", async ({
  cwd,
}) => {
  const text = `name: two
cells:
  - { name: first, command: put, ${SHORT} }
  - { name: second, command: put, flags: { clients: 2, rate: ${Math.ceil(50 / patient(1))}, total: 100 } }
`;
  await writeFile(join(cwd, "s.yaml"), text);
  const begun = start(cwd, ["run", "s.yaml", ...(await local())]);
  await begun.said(/run 2 of 2/);
  begun.signal("SIGKILL");
  await begun.ended;
  sweep(cwd);
  const [folder] = await readdir(join(cwd, "results"));
  assert.match(folder!, /^two-\d{8}T\d{6}Z$/);
  const before = (await results(join(cwd, "results", folder!))).get("001-first.json");
  assert.ok(before);
  const end = await bench(["run", "--resume", "-o", "json"], {
    cwd,
    env: { TMPDIR: cwd },
  });
  assertEnds(end, 0, /1 of 2 runs are done[\s\S]*results are in results\/two-/);
  const printed = JSON.parse(end.stdout) as RunResult[];
  assert.equal(printed[0], before, "the first was not measured again");
  assert.is(printed[1]!.operations[0]!.requests.succeeded, 100);
  const again = await bench(["run", `--resume=results/${folder}`, "-o", "json"], {
    cwd,
    env: { TMPDIR: cwd },
  });
  assertEnds(again, 0, /2 of 2 runs are done/);
  assert.equal(JSON.parse(again.stdout), printed, "printed again, and nothing measured");
});

test("a full disk during a suite only loses the current run", async ({ cwd }) => {
  const disk = await SmallDisk.make(cwd);
  try {
    const text = `name: full
cells:
  - { name: first, command: put, ${SHORT} }
  - { name: second, command: put, flags: { clients: 2, rate: 40, duration: ${patient(2)}s } }
  - { name: third, command: put, ${SHORT} }
`;
    await writeFile(join(cwd, "s.yaml"), text);
    const words = ["run", "s.yaml", ...(await local()), `--save=${disk.folder}/kept`];
    const begun = start(cwd, words);
    await begun.said(/run 2 of 3/);
    await disk.fill();
    assertEnds(
      await begun.ended,
      1,
      /bench: cannot write .*002-second\.json: [\s\S]*2 of 3 runs are missing/,
    );
    assert.equal([...(await results(join(disk.folder, "kept"))).keys()], ["001-first.json"]);
    await disk.free();
    const end = await bench(["run", `--resume=${disk.folder}/kept`], { cwd, env: { TMPDIR: cwd } });
    assertEnds(end, 0, /1 of 3 runs are done/);
    assert.is((await results(join(disk.folder, "kept"))).size, 3);
  } finally {
    await disk.remove();
  }
});

test("an invalid suite is one line with place and fix, before anything starts", async ({ cwd }) => {
  const write = (text: string) => writeFile(join(cwd, "s.yaml"), text);
  const refused = async (words: readonly string[], said: RegExp, code = 2) => {
    const end = await bench(["run", ...words], { cwd });
    assert.is(end.code, code, end.stderr);
    assert.match(end.stderr, said);
    assert.is(end.stderr.trimEnd().split("\n").length, 1, end.stderr);
    assert.is(end.stdout, "");
  };
  await refused([], /run needs a suite: .*published/);
  await refused(["publishd"], /did you mean published\?/);
  await refused(["none.yaml"], /cannot read the suite none\.yaml: no such file/);
  await refused(["--resume"], /no suite below results has runs that are missing/);
  await write("name: a\ncells:\n  - { name: w, command: put, flags: { conns: ten } }\n");
  await refused(["s.yaml"], /^bench: s\.yaml:3:46: --conns: "ten" is not/);
  await write("name: a\netcd: fresh\ncells:\n  - { name: w, command: put }\n");
  await refused(["s.yaml"], /^bench: s\.yaml:4:25: w wants a fresh etcd/);
  await refused(["s.yaml", "--local", "--scale=0"], /--scale: "0"/);
  await refused(["s.yaml", "--local", "--set=conns"], /--set: "conns" is not FLAG=VALUE/);
  await refused(["s.yaml", "--local", "--save=s.yaml"], /s\.yaml/);
  assert.equal(await readdir(cwd), ["s.yaml"]);
});

test("--dry-run prints the cells and their time, and starts nothing", async ({ cwd }) => {
  const end = await bench(await args(cwd, WITH_A_LONG_ONE, "--dry-run", "--set=duration=2s"), {
    cwd,
  });
  assert.is(end.code, 0, end.stderr);
  assert.match(end.stdout, /first +1 +up to 2s +shared, 1 member/);
  assert.match(end.stdout, /^bench put --local=1 .*--clients=2 --duration=2s$/m);
  assert.match(end.stdout, /^3 runs of 3 cells \(order fixed\), at most \d+s\.$/m);
  assert.equal(await readdir(cwd), ["s.yaml"]);
});

/** Removes the etcd that a killed bench left, as the next start does. */
function sweep(cwd: string): void {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = cwd;
  try {
    sweepAbandonedClusters();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

test("requirements of a suite are checked before its first run, also with --dry-run", async ({
  cwd,
}) => {
  const cell = `name: one\ncells:\n  - { name: a, command: put, ${SHORT} }\n`;
  for (const more of [[], ["--dry-run"]]) {
    const words = await args(cwd, cell, "--reference-etcd=/nonexistent/etcd", ...more);
    assertEnds(await bench(words, { cwd }), 2, /--reference-etcd.*\/nonexistent\/etcd/);
  }
  const words = await args(cwd, cell, "--dry-run", "-o", "json=missing/out.json");
  assertEnds(await bench(words, { cwd }), 2, /--output: cannot write to the file .*out\.json/);
  assert.equal(await readdir(cwd), ["s.yaml"], "nothing was begun");
});

test("flags that etcd does not take are found before the first run, also with --dry-run", async ({
  cwd,
}) => {
  const b = `  - { name: b, command: put, server-args: [--bogus=1], ${SHORT} }\n`;
  const cells = `  - { name: a, command: put, ${SHORT} }\n${b}`;
  for (const more of [[], ["--dry-run"]]) {
    const words = await args(cwd, `name: one\ncells:\n${cells}`, ...more);
    const said = /bench: s\.yaml:4:.*: etcd .* does not take --bogus=1: flag provided but not def/;
    assertEnds(await bench(words, { cwd }), 2, said);
  }
  const words = ["put", ...(await local()), "--b-args=--bogus=1", "--pairs=2", "--duration=1s"];
  const end = await bench(["ab", ...words, "--dry-run"], { cwd });
  assertEnds(end, 2, /^bench: --b-args: etcd .* does not take --bogus=1/);
  assert.equal(await readdir(cwd), ["s.yaml"], "nothing was measured");
});

test("limits of this process are held against all cells and what prepares them before the first run", async ({
  cwd,
}) => {
  const many = "{ clients: 400, conns: 400, workers: 1, total: 400 }";
  const threads = "{ clients: 400, conns: 400, workers: 400, total: 400 }";
  const step = `{ command: put, flags: ${many} }`;
  for (const [cell, limit, said] of [
    [`flags: ${many}`, "-n 256", /^bench: s\.yaml:4:\d+: --conns=400: bench needs about .*-n 512/],
    [`${SHORT}, prepare: [${step}]`, "-n 256", /^bench: s\.yaml:4:\d+: --conns=400: bench needs/],
    [`flags: ${threads}`, "-v 60000000", /^bench: s\.yaml:4:\d+: --workers=400: the threads/],
  ] as const) {
    const cells = `  - { name: a, command: put, ${SHORT} }\n  - { name: b, command: put, ${cell} }\n`;
    await writeFile(join(cwd, "s.yaml"), `name: one\ncells:\n${cells}`);
    const words = ["run", "s.yaml", "--endpoints=127.0.0.1:1", "--save=kept"];
    const script = ["-c", `ulimit ${limit}; exec "$@"`, "sh", process.execPath, builtBench()];
    const { status, stderr } = spawnSync("sh", [...script, ...words], { cwd, encoding: "utf8" });
    assert.is(status, 2, stderr);
    assert.match(stderr, said);
    assert.equal(await readdir(cwd), ["s.yaml"], "nothing was begun");
  }
});

test("the etcds that the cells of a suite name are asked before its first run", async ({ cwd }) => {
  const cell = (name: string, target: string) =>
    `  - { name: ${name}, command: put, flags: { ${target}, total: 50 } }\n`;
  const cells = `${cell("a", "local: 1")}${cell("b", "endpoints: 127.0.0.1:1")}`;
  const words = await args(cwd, `name: one\ncells:\n${cells}`);
  const end = await bench(
    words.filter((word) => word !== "--local"),
    { cwd },
  );
  assertEnds(end, 3, /bench: b: --endpoints 127\.0\.0\.1:1: nothing listens/);
  assert.equal(await readdir(cwd), ["s.yaml"], "nothing was measured");
});

test("what the cluster must have for a later cell is found before the first run", async ({
  cwd,
}) => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const target = `--endpoints=${cluster.endpoints[0]}`;
    const foreign = ["--prefix=/own/registry/", "--key-size=20", "--total=1"];
    await bench(["put", target, ...foreign], { cwd });
    for (const [cell, said] of [
      ["range, args: [k], flags: { stream: true, total: 5 }", /bench: b: --stream: the etcd at /],
      [
        "kubernetes, flags: { prefix: /own, nodes: 2, pods: 5, clients: 2, total: 5 }",
        /bench: b: --prefix=\/own: 1 key under \/own\/registry\/ was put by no run of bench/,
      ],
    ] as const) {
      const cells = `  - { name: a, command: put, ${SHORT} }\n  - { name: b, command: ${cell} }\n`;
      const words = await args(cwd, `name: one\ncells:\n${cells}`);
      const own = words.filter((word) => word !== "--local" && !word.startsWith("--etcd="));
      assertEnds(await bench([...own, target], { cwd }), 2, said);
      assert.equal(await readdir(cwd), ["s.yaml"], "nothing was measured");
    }
  } finally {
    await cluster.down();
  }
});

test("a cell that needs more streams than etcd allows is found before the first run", async ({
  cwd,
}) => {
  const few = ["--max-concurrent-streams=4"];
  const cluster = await startLocalCluster({
    ...{ binary: await etcdForTests(), members: 1, extraArgs: few },
  });
  try {
    for (const [command, flags] of [
      ["watch", "streams: 20, conns: 1, workers: 1"],
      ["watch-get", "streams: 20, watchers: 20, conns: 1, workers: 1"],
      ["lease-keepalive", "clients: 20, conns: 1, total: 20"],
      ["lease-grant", "expire: true, ttl: 2s, clients: 20, conns: 1, total: 20"],
      ["lock", "clients: 20, conns: 1, total: 20"],
      ["kubernetes", "nodes: 2, pods: 5, conns: 1, workers: 1, clients: 2, total: 20"],
      ["put", "transport: grpc-js, clients: 20, conns: 1, total: 20"],
    ]) {
      const cells =
        "  - { name: a, command: put, flags: { total: 5 } }\n" +
        `  - { name: b, command: ${command}, flags: { ${flags} } }\n`;
      const words = await args(cwd, `name: one\ncells:\n${cells}`);
      const target = `--endpoints=${cluster.endpoints[0]}`;
      const own = words.filter((word) => word !== "--local" && !word.startsWith("--etcd="));
      const end = await bench([...own, target], { cwd });
      assertEnds(end, 2, /^bench: b: --(conns|transport)=[\w-]+: a connection .* server allows 4/m);
      assert.equal(await readdir(cwd), ["s.yaml"], `${command}: nothing was measured`);
    }
  } finally {
    await cluster.down();
  }
});

test.run();
