/** Runs `bench list` and `bench report` on saved runs and on the published figures. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/package-root.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ folder: string }>("list");

before(test, async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-list-"));
});
test.after(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test("saved runs are listed, by default from the folder results", async ({ folder }) => {
  const { path: etcd, version } = await etcdForTests();
  const args = ["put", "--local", `--etcd=${etcd}`, "--total=50", "--label=commit=4f2a9c1"];
  const saved = await bench([...args, "--save"], { cwd: folder });
  assert.is(saved.code, 0, saved.stderr);
  for (const words of [["list"], ["list", "results"]]) {
    const { code, stdout, stderr } = await bench(words, { cwd: folder });
    assert.equal([code, stderr], [0, ""]);
    const [, , line] = stdout.split("\n");
    assert.match(line!, /^\d{4}-\d\d-\d\d \d\d:\d\d +put +1 +1 +\d+\.\d+\.\d+ +[\d,.]+ +/);
    assert.ok(line!.includes(` ${version} `) && line!.includes(" commit=4f2a9c1 "), line);
    assert.match(stdout, /^1 result in 1 file of results$/m);
  }
});

test("saved runs are printed in the formats of other tools", async ({ folder }) => {
  const file = (name: string) => path.join(folder, name);
  const begins = {
    benchstat:
      /^Unit req\/s better=higher\n(.*\n)*commit: 4f2a9c1\n(.*\n)*BenchmarkPut\/val=8\/conns=1\/clients=1 50 \d/,
    "github-bigger": /^\[\n {2}\{\n {4}"name": "put\/val=8\/conns=1\/clients=1 throughput"/,
    bencher: /^\{\n {2}"put\/val=8\/conns=1\/clients=1": \{/,
    openmetrics: /^bench_requests_total\{run="\w+",operation="put",outcome="succeeded"\} 50 \d/m,
    hgrm: /^#\[put, milliseconds\]\n +Value +Percentile/,
    hlog: /^Tag=put,0\.000,\d+\.\d{3},\d+\.\d{3},HISTF/m,
  };
  const outputs = Object.keys(begins).map((name) => `--output=${name}=${file(name)}`);
  const { code, stderr } = await bench(["report", file("results"), ...outputs]);
  assert.is(code, 0, stderr);
  for (const [name, words] of Object.entries(begins)) {
    assert.match(await readFile(file(name), "utf8"), words);
  }
});

test("published figures are listed on request, with a mark, and a missing folder is refused", async ({
  folder,
}) => {
  // A copy, because a list leaves its index file in the folder.
  const copy = path.join(folder, "published");
  await cp(path.join(packageRoot(), "results", "published"), copy, { recursive: true });
  const hidden = await bench(["list", copy]);
  assert.match(hidden.stdout, /^0 results in 0 files of .*published elsewhere not shown/);
  const { code, stdout } = await bench(["list", copy, "--published"]);
  assert.is(code, 0);
  assert.match(stdout, /^20\d\d-.* 185,758 +- +service +published +-? /m);
  const since = await bench(["list", copy, "--published", "--since=yesterday"]);
  assert.equal([since.code, since.stdout], [2, ""]);
  assert.match(since.stderr, /^bench: --since: "yesterday" is not a date or time in UTC/);
  const none = await bench(["list", "none"]);
  assert.equal([none.code, none.stdout], [2, ""]);
  assert.match(none.stderr, /^bench: cannot read none: no such file or folder\n$/);
  const nothing = await bench(["list"], { cwd: copy });
  assert.equal([nothing.code, nothing.stdout], [2, ""]);
  assert.match(nothing.stderr, /^bench: there is no folder results here: runs with --save /);
});

test.run();
