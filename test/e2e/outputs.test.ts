/** Checks the outputs of a result: exit codes, thresholds, files, reports of saved results. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import {
  type BenchEnd,
  bench,
  checkedResult,
  measure,
  onlyOperation,
} from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ folder: string }>("outputs");

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(async () => {
  await cluster?.down();
});

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-outputs-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

function put(...flags: string[]): Promise<BenchEnd> {
  return bench(["put", `--endpoints=${endpoint}`, "--total=200", "--clients=4", ...flags]);
}

test("passed thresholds are exit code 0, a failed one is exit code 1, and all are shown", async () => {
  const held = ["--threshold=p99<1m", "--threshold=qps>1", "--threshold=errors<=0"];
  const good = await put(...held);
  assert.is(good.code, 0, good.stdout);
  for (const expression of ["p99<1m", "qps>1", "errors<=0"]) {
    assert.ok(good.stdout.includes(expression), expression);
  }
  const bad = await measure([
    ...["put", `--endpoints=${endpoint}`, "--total=200"],
    ...[...held, "--threshold=max<1ns"],
  ]);
  assert.is(bad.code, 1);
  assert.equal(
    bad.result.thresholds.map(({ expression, passed }) => [expression, passed]),
    [
      ["p99<1m", true],
      ["qps>1", true],
      ["errors<=0", true],
      ["max<1ns", false],
    ],
  );
  assert.is(bad.result.thresholds[3]!.actual, onlyOperation(bad.result).serviceTime.maxMs);
});

test("a percentile with too few samples is decided by its bounds, or undecided with exit code 4", async () => {
  const flags = ["put", `--endpoints=${endpoint}`, "--total=50"];
  const held = await measure([...flags, "--threshold=p999<1m"]);
  assert.is(held.code, 0);
  assert.is(onlyOperation(held.result).serviceTime.p999Ms, null);
  const [threshold] = held.result.thresholds;
  assert.is(threshold!.outcome, "held");
  assert.is(threshold!.atMost, onlyOperation(held.result).serviceTime.maxMs);
  const broken = await measure([...flags, "--threshold=p999<1ns"]);
  assert.is(broken.code, 1);
  assert.is(broken.result.thresholds[0]!.outcome, "broken");
  // Requests that were never sent have no latency: the p50 could be any time.
  const unmet = ["--rate=1M", "--total=5000", "--duration=200ms", "--clients=1", "--timeout=300ms"];
  const open = await put(...unmet, "--threshold=p50<10m");
  assert.is(open.code, 4, open.stdout);
  assert.match(open.stdout, /Threshold p50<10m: undecided \(/);
});

test("failed requests are exit code 1, unless --max-error-rate allows them", async () => {
  const refused = ["--val-size=2MiB", "--total=4"];
  assert.is((await put(...refused)).code, 1);
  assert.is((await put(...refused, "--max-error-rate=0.5")).code, 1);
  // Where none succeeds nothing was measured, whatever the limit allows.
  const none = await put(...refused, "--max-error-rate=100%", "--output=junit");
  assert.is(none.code, 1);
  assert.match(none.stdout, /name="verdict"><error message="errors; complete; no put request succ/);
});

test("--strict makes an invalid measurement exit code 4; without it, only the verdict shows it", async () => {
  // One client has one request in flight: it cannot send a million in a second.
  const flags = ["--rate=1M", "--total=5000", "--duration=200ms", "--clients=1", "--timeout=300ms"];
  const lenient = await put(...flags);
  assert.is(lenient.code, 0, lenient.stderr);
  assert.match(lenient.stdout, /raise --clients/);
  assert.is((await put(...flags, "--strict")).code, 4);
});

test("each output goes to its destination, and all describe the same run", async ({ folder }) => {
  const json = join(folder, "run.json");
  const csv = join(folder, "intervals.csv");
  const { code, stdout, stderr } = await put(
    ...[`--output=json=${json}`, `--output=csv=${csv}`, `--save=${join(folder, "kept", "here")}`],
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /Latency/);
  const text = await readFile(json, "utf8");
  const result = checkedResult(JSON.parse(text));
  const { requests, intervals } = onlyOperation(result);
  assert.is(requests.succeeded, 200);

  const [header, ...lines] = (await readFile(csv, "utf8")).trimEnd().split("\n");
  const column = header!.split(",").indexOf("succeeded");
  assert.is(lines.length, intervals.length);
  const counted = lines.map((line) => Number(line.split(",")[column]));
  assert.is(
    counted.reduce((total, count) => total + count, 0),
    200,
  );

  const [saved, ...more] = await readdir(join(folder, "kept", "here"));
  assert.equal(more, []);
  assert.is(await readFile(join(folder, "kept", "here", saved!), "utf8"), text);
  assert.ok(stderr.includes(saved!), "the user reads where it was saved");
  assert.equal((await readdir(folder)).sort(), ["intervals.csv", "kept", "run.json"]);
});

test("bench report prints a saved result exactly as its run did, in each format", async ({
  folder,
}) => {
  const json = join(folder, "run.json");
  const run = await put(`--output=json=${json}`, "--rate=2000", "--threshold=p99<1m");
  assert.is(run.code, 0, run.stderr);
  const again = await bench(["report", json]);
  assert.is(again.code, 0, again.stderr);
  assert.is(again.stdout, run.stdout);
  const asJson = await bench(["report", json, "-o", "json"]);
  assert.equal(JSON.parse(asJson.stdout), JSON.parse(await readFile(json, "utf8")));
  const copy = join(folder, "copy.csv");
  const csv = await bench(["report", json, "--output=csv"]);
  assert.is((await bench(["report", json, `--output=csv=${copy}`])).code, 0);
  assert.is(await readFile(copy, "utf8"), csv.stdout);
  const both = await bench(["report", json, json]);
  assert.is(both.code, 0, both.stderr);
});

test("a truncated or changed result is exit code 2, in one line with its path", async ({
  folder,
}) => {
  const json = join(folder, "run.json");
  await put(`--output=json=${json}`);
  const text = await readFile(json, "utf8");
  const file = join(folder, "corrupt.json");
  const altered: { operations: { serviceTime: unknown }[] } = JSON.parse(text);
  altered.operations[0]!.serviceTime = "fast";
  for (const corrupt of [text.slice(0, text.length / 2), JSON.stringify(altered)]) {
    await writeFile(file, corrupt);
    const { code, stdout, stderr } = await bench(["report", json, file]);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, /^bench: [^\n]*corrupt\.json[^\n]*\n$/);
  }
});

test("a result describes completely what was run, where and against what", async () => {
  const { result } = await measure([
    ...["range", `--endpoints=${endpoint}`, "key", "end", "--total=200", "--seed=9"],
    ...["--conns=2", "--clients=3", "--consistency=s", "--timeout=7s"],
  ]);
  const { plan, target, environment, server } = result;
  assert.equal(plan.workload, {
    kind: "range",
    key: "key",
    end: "end",
    prefix: false,
    limit: null,
    content: "all",
    sort: null,
    keySpace: null,
    keySizeBytes: 8,
    valSizeBytes: 8,
    valueSize: null,
    consistency: ["serializable"],
    fetch: "whole",
  });
  assert.equal(
    [plan.load.connections, plan.load.clients, plan.load.timeoutMs, plan.load.seed],
    [2, 3, 7_000, 9],
  );
  assert.equal(target.endpoints, [endpoint]);
  assert.is(target.version, cluster.version);
  assert.equal(
    target.members.map(({ name, isLeader }) => [name, isLeader]),
    [["etcd1", true]],
  );
  assert.is(environment.node, process.version);
  assert.is(server.length, 1);
  assert.ok(server[0]!.rssMeanBytes! > 1e6);
  assert.type(server[0]!.cpuPercent, "number");
});

test("bench uses ETCDCTL_ENDPOINTS, unless --endpoints is given", async () => {
  const [nobody] = await freePorts(1);
  const env = { ETCDCTL_ENDPOINTS: endpoint };
  const { code, result, stderr } = await measure(["put", "--total=10"], { env });
  assert.is(code, 0, stderr);
  assert.equal(result.target.endpoints, [endpoint]);
  const flag = ["put", "--total=10", `--endpoints=${endpoint}`];
  const elsewhere = { ETCDCTL_ENDPOINTS: `127.0.0.1:${nobody}` };
  assert.is((await bench(flag, { env: elsewhere })).code, 0);
  assert.is((await bench(["put", "--total=10"], { env: elsewhere })).code, 3);
});

test("unreadable metrics are null with one note, and have no table", async ({ folder }) => {
  const [closed] = await freePorts(1);
  const json = join(folder, "run.json");
  const url = `http://127.0.0.1:${closed}`;
  const { code, stdout } = await put(`--metrics-endpoints=${url}`, `--output=json=${json}`);
  assert.is(code, 0);
  const { server, notes } = checkedResult(JSON.parse(await readFile(json, "utf8")));
  assert.is(server.length, 1);
  const { endpoint: _, member, ...figures } = server[0]!;
  assert.is(member, "etcd1");
  assert.ok(Object.values(figures).every((figure) => figure === null));
  assert.is(notes.filter((note) => note.includes(url)).length, 1, notes.join("\n"));
  assert.not.match(stdout, /^etcd$/m);
});

test("data goes to standard output and the rest to standard error, which --quiet silences", async () => {
  const loud = await put("--output=json");
  checkedResult(JSON.parse(loud.stdout));
  assert.match(loud.stderr, /measuring/);
  const notes = await put("--output=json", "--no-progress", "--conns=9");
  assert.match(notes.stderr, /^note: --conns=9 is more than --clients=4: 5 connections stay idle/);
  assert.not.match(notes.stderr, /measuring/);
  const { target, notes: kept } = checkedResult(JSON.parse(notes.stdout));
  assert.equal(target.connections, [{ member: "etcd1", count: 9, messages: 200, idle: 5 }]);
  assert.is(kept.filter((note) => note.startsWith("5 of 9 connections had no client")).length, 1);
  const quiet = await put("--output=json", "--quiet", "--conns=9");
  checkedResult(JSON.parse(quiet.stdout));
  assert.match(quiet.stderr, /^(verdict of put: (?!valid).*\n)?$/);
});

test("a refused run writes nothing to etcd and no file", async ({ folder }) => {
  const before = (await readStored(endpoint)).revision;
  const missing = join(folder, "none", "run.json");
  const { code, stdout, stderr } = await put(`--output=json=${missing}`);
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.match(stderr, /^bench: --output[^\n]*\n$/);
  assert.is((await readStored(endpoint)).revision, before);
  assert.equal(await readdir(folder), []);
});

test.run();
