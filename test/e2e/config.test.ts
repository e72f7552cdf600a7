/** Runs bench with flags from bench.yaml and from environment variables. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, measure } from "../harness/bench-process.ts";

const PASSWORD = "Tr0ub4dor-and-3";

const test = suite<{ cwd: string }>("config");

test.before.each(async (context) => {
  context.cwd = await mkdtemp(join(tmpdir(), "bench-config-"));
});

test.after.each(async ({ cwd }) => {
  await rm(cwd, { recursive: true, force: true });
});

test("a run takes its flags from bench.yaml, variables and the command line", async ({ cwd }) => {
  const { path } = await etcdForTests();
  await writeFile(
    join(cwd, "bench.yaml"),
    "local: true\nclients: 2\nlabel: [team=a]\nput:\n  val-size: 1KiB\n",
  );
  const env = { BENCH_CONNS: "2", BENCH_ETCD: path };
  const { result } = await measure(["put", "--total=50"], { cwd, env });
  assert.equal([result.plan.load.clients, result.plan.load.connections], [2, 2]);
  assert.equal(result.plan.labels, { team: "a" });
  assert.is(result.plan.limits.totalRequests, 50);
});

test("bench config prints the values in effect and their sources, also as data", async ({
  cwd,
}) => {
  await writeFile(join(cwd, "bench.yaml"), "conns: 3\nput:\n  clients: 4\n");
  const env = { BENCH_CLIENTS: "5" };
  const table = await bench(["config", "put"], { cwd, env });
  assert.is(table.code, EXIT.done, table.stderr);
  assert.match(table.stdout, /--conns +3 +bench\.yaml:1:8\n--clients +5 +BENCH_CLIENTS/);
  assert.match(table.stdout, /--total +10000 +default/);
  const { stdout } = await bench(["config", "-o", "json"], { cwd, env });
  const { file, flags } = JSON.parse(stdout);
  assert.is(file, "bench.yaml");
  assert.equal(flags.at(-1), {
    command: null,
    flag: "clients",
    value: "5",
    origin: "BENCH_CLIENTS",
  });
});

test("files of an output for all commands are written by runs, and by no command that shows them", async ({
  cwd,
}) => {
  const { path } = await etcdForTests();
  await writeFile(join(cwd, "bench.yaml"), "output: [table, json=run.json, csv=run.csv]\n");
  const run = ["put", "--local", `--etcd=${path}`, "--total=30", "--save"];
  assert.is((await bench(run, { cwd })).code, EXIT.done);
  const files = () => Promise.all(["run.json", "run.csv"].map((name) => readFile(join(cwd, name))));
  const written = await files();
  for (const shows of [["list"], ["report", "results"], ["config", "put"], ["cluster", "list"]]) {
    const { code, stderr } = await bench(shows, { cwd });
    assert.is(code, EXIT.done, stderr);
  }
  assert.equal(await files(), written);
  const { stdout } = await bench(["config", "put"], { cwd });
  assert.match(stdout, /--output +table, json=run\.json, csv=run\.csv +bench\.yaml:1:9/);
});

test("keys for all commands do not change a suite", async ({ cwd }) => {
  await writeFile(join(cwd, "bench.yaml"), "endpoints: 127.0.0.1:9\nconns: 77\n");
  const { code, stdout } = await bench(["run", "quick", "--local", "--dry-run"], { cwd });
  assert.is(code, EXIT.done);
  assert.not.match(stdout, /conns=77/);
});

test("an error about an unknown key has its place and the fix, before any measurement", async ({
  cwd,
}) => {
  await writeFile(join(cwd, "mine.yaml"), "put:\n  conss: 3\n");
  const { code, stderr } = await bench(["put", "--config=mine.yaml", "--dry-run"], { cwd });
  assert.is(code, EXIT.usage);
  assert.match(
    stderr,
    /^bench: mine\.yaml:2:3: "conss" is no flag of bench put; did you mean conns/,
  );
});

test("a value for all commands needs the form of one that takes it, and one for a command that of this", async ({
  cwd,
}) => {
  const shown = (text: string, ...args: string[]) =>
    writeFile(join(cwd, "bench.yaml"), text).then(() => bench(["config", ...args], { cwd }));
  for (const args of [[], ["put"]]) {
    const { code, stdout } = await shown("val-size: 1KiB..64KiB\n", ...args);
    assert.is(code, EXIT.done);
    assert.match(stdout, /--val-size +1KiB\.\.64KiB +bench\.yaml:1:11/);
  }
  for (const [text, ...args] of [
    ["val-size: 1XB\n"],
    ["val-size: 1XB\n", "put"],
    ["availability:\n  val-size: 1KiB..64KiB\n"],
    ["val-size: 1KiB..64KiB\n", "availability"],
  ] as const) {
    const { code, stderr } = await shown(text, ...args);
    assert.is(code, EXIT.usage, text);
    assert.match(stderr, /^bench: bench\.yaml:\d+:\d+: --val-size: .* is not a size/);
  }
});

test("a password in the file or a variable is never printed", async ({ cwd }) => {
  await writeFile(join(cwd, "bench.yaml"), `user: root:${PASSWORD}\nput:\n  total: x${PASSWORD}\n`);
  for (const args of [["config"], ["config", "put", "-o", "json"], ["put"]]) {
    const { stdout, stderr } = await bench(args, { cwd });
    assert.not.match(stdout + stderr, new RegExp(PASSWORD), args.join(" "));
  }
  const env = { BENCH_USER: `root:${PASSWORD}` };
  const { stdout } = await bench(["config", "put", "--config=/dev/null"], { cwd, env });
  assert.match(stdout, /--user +root +BENCH_USER/);
});

test.run();
