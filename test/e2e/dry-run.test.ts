/** Runs measuring commands with --dry-run: they print the plan and start nothing. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bench } from "../harness/bench-process.ts";

const test = suite<{ cwd: string }>("dry run");

test.before.each(async (context) => {
  context.cwd = await mkdtemp(path.join(os.tmpdir(), "bench-dry-run-"));
});
test.after.each(async ({ cwd }) => {
  await rm(cwd, { recursive: true, force: true });
});

test("a run is printed as its command line, its etcd and its duration", async ({ cwd }) => {
  const words = ["--local=3", "--rate=1000", "--duration=1m", "--save", "-o", "json=out.json"];
  const local = await bench(["put", ...words, "--dry-run"], { cwd });
  assert.is(local.code, 0, local.stderr);
  assert.match(
    local.stdout,
    /^bench put --local=3 --rate=1k .*--duration=1m.*\netcd: a temporary cluster of 3 members\ntime: about 1m\d\ds\n$/,
  );
  // No server is there, and bench does not connect.
  const there = await bench(["range", "foo", "--endpoints=127.0.0.1:1", "--dry-run"], { cwd });
  assert.is(there.code, 0, there.stderr);
  assert.match(
    there.stdout,
    /\netcd: 127\.0\.0\.1:1\ntime: \d+s and more: one run sends a given number of requests/,
  );
  assert.equal(await readdir(cwd), []);
});

test("a session of ab is printed with its plan and both arms", async ({ cwd }) => {
  const words = ["ab", "put", "--local", "--b-args=--snapshot-count=1000", "--duration=5s"];
  const { code, stdout, stderr } = await bench([...words, "--pairs=4", "--dry-run"], { cwd });
  assert.is(code, 0, stderr);
  assert.match(stdout, /^plan: 4 pairs, 8 runs, about 1m\d\ds; /);
  assert.match(stdout, /^arm a:\nbench put --local=1 .*\netcd: a temporary cluster of 1 member\n/m);
  assert.match(
    stdout,
    /^arm b \(--b-args='--snapshot-count=1000'\):\n(.*\n)etcd: .*, with --snap/m,
  );
  assert.equal(await readdir(cwd), []);
});

test("the requirements of the run are checked", async ({ cwd }) => {
  const named = await bench(["put", "--local", "--etcd=/none", "--dry-run"], { cwd });
  assert.equal([named.code, named.stdout], [2, ""]);
  assert.match(named.stderr, /^bench: --etcd \/none does not exist/);
  const output = await bench(["put", "--dry-run", "-o", "json=none/out.json"], { cwd });
  assert.is(output.code, 2);
  assert.match(output.stderr, /^bench: --output: cannot write to the file .*out\.json/);
  const there = "--endpoints=127.0.0.1:1";
  for (const command of [["put"], ["soak", "put", "--rate=10"]]) {
    const words = [...command, "--duration=1m", "--dry-run"];
    const kill = await bench([...words, there, "--event=at=1s kill leader"], { cwd });
    assert.is(kill.code, 2);
    assert.match(
      kill.stderr,
      /^bench: --event='at=1s kill leader': bench did not start this cluster/,
    );
    const none = await bench([...words, "--local=3", "--event=at=1s kill m7"], { cwd });
    assert.is(none.code, 2);
    assert.match(none.stderr, /^bench: --event='at=1s kill m7': "m7" is no member of the cluster/);
  }
  for (const [flag, said, target = there] of [
    ["cacert: none.pem", /^bench: s\.yaml:2:.*: --cacert: none\.pem: there is no such file/],
    ["event: [at=0s kill leader]", /^bench: s\.yaml:2:.*kill leader': bench did not start/],
    ["event: [at=0s kill m7]", /^bench: s\.yaml:2:.*"m7" is no member.*etcd1$/m, "--local"],
    ["event: [at=0s delay client of etcd1 1ms]", /: it needs fault proxies/, "--local"],
    ["threshold: ['get:p99<1s']", /^bench: s\.yaml:2:.*"get" is no series.*has put$/m],
    ["by: endpoint, threshold: ['get@m1:p99<1s']", /: "get@m1" is no series.*has put$/m],
    ["by: endpoint, threshold: ['put@m7:p99<1s']", /: "put@m7" is no series/, "--local"],
  ] as const) {
    const cells = `[{ name: a, command: put }, { name: b, command: put, flags: { ${flag} } }]`;
    await writeFile(path.join(cwd, "s.yaml"), `name: s\ncells: ${cells}\n`);
    const suite = await bench(["run", "s.yaml", target, "--dry-run"], { cwd });
    assert.is(suite.code, 2, suite.stdout);
    assert.match(suite.stderr, said);
  }
});

test.run();
