/** Runs `--sample`, `--precise` and `--report-perfdash` on a real run and on a saved one. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cluster: LocalCluster; folder: string }>("upstream-forms");

before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-forms-"));
});
test.after(async ({ cluster, folder }) => {
  await cluster?.down();
  await rm(folder, { recursive: true, force: true });
});

test("--sample prints rows for each second of the run, whose requests add up", async ({
  cluster,
  folder,
}) => {
  const file = path.join(folder, "run.json");
  const startedMs = Date.now();
  const { code, stdout, stderr } = await bench([
    ...["range", `--endpoints=${cluster.endpoints[0]}`, "--rate=500", "--duration=2500ms"],
    ...["--sample", "--precise", `--output=json=${file}`],
  ]);
  assert.is(code, 0, stderr);
  const rows = (/AVG-THROUGHPUT\n([\d.,\n]+)\n/.exec(stdout)?.[1] ?? "").trim();
  const cells = rows.split("\n").map((row) => row.split(",").map(Number));
  assert.ok(cells.length >= 2, stdout);
  for (const [unixSecond, min, mean, max] of cells) {
    assert.ok(unixSecond! >= Math.floor(startedMs / 1000) && unixSecond! <= Date.now() / 1000);
    assert.ok(min! > 0 && min! <= mean! && mean! <= max!, `${min} ${mean} ${max}`);
  }
  const result = JSON.parse(await readFile(file, "utf8"));
  const { requests, serviceTime, intervals } = onlyOperation(result);
  // The last row ends with the run, and its rate is over its shorter time.
  const lastSeconds = intervals
    .slice(cells.length - 1)
    .reduce((total, { durationSeconds }) => total + durationSeconds, 0);
  const counts = cells.map((row, at) => row[4]! * (at < cells.length - 1 ? 1 : lastSeconds));
  const sum = counts.reduce((total, count) => total + count, 0);
  assert.ok(Math.abs(sum - requests.succeeded) <= 1, `${sum} of ${requests.succeeded}`);
  assert.ok(stdout.includes(String(serviceTime.meanMs)), "every digit is printed");
  const again = await bench(["report", file, "--output=sample"]);
  assert.is(again.stdout.trimEnd().split("AVG-THROUGHPUT\n")[1], rows);
});

test("--report-perfdash writes one file into $ARTIFACTS, which it creates, or into _artifacts", async ({
  cluster,
  folder,
}) => {
  const put = ["put", `--endpoints=${cluster.endpoints[0]}`, "--total=1500", "--report-perfdash"];
  const artifacts = path.join(folder, "job", "artifacts");
  const named = await measure(put, { env: { ARTIFACTS: artifacts } });
  assert.is(named.code, 0, named.stderr);
  const unnamed = await measure(put, { cwd: folder, env: { ARTIFACTS: "" } });
  assert.is(unnamed.code, 0, unnamed.stderr);
  for (const place of [artifacts, path.join(folder, "_artifacts")]) {
    const files = await readdir(place);
    assert.is(files.length, 1);
    assert.match(files[0]!, /^EtcdAPI_benchmark_put_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.json$/);
    const { version, dataItems } = JSON.parse(await readFile(path.join(place, files[0]!), "utf8"));
    assert.is(version, "v1");
    assert.equal(Object.keys(dataItems[0].data), ["Perc50", "Perc90", "Perc99"]);
    assert.equal(dataItems[0].labels, { Operation: "PUT" });
  }
});

test("an unwritable folder for artifacts is refused before the run", async ({
  cluster,
  folder,
}) => {
  const file = path.join(folder, "file");
  await writeFile(file, "");
  const put = ["put", `--endpoints=${cluster.endpoints[0]}`, "--report-perfdash"];
  const { code, stdout, stderr } = await bench(put, { env: { ARTIFACTS: path.join(file, "x") } });
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.match(stderr, /^bench: \$ARTIFACTS: [^\n]*\n$/);
});

test.run();
