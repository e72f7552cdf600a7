/**
 * Runs `bench calibrate`: all its figures, invalid input, and the end of the fake etcd's process
 * together with bench, however bench ends.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasH2load } from "../../src/calibrate/h2load.ts";
import type { CalibrationReport } from "../../src/calibrate/report.ts";
import { CALIBRATED_WORKLOADS, operationOf } from "../../src/calibrate/workloads.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { isWholeRun } from "../harness/whole-run.ts";
import { writeFakeBenchmark } from "../peers/fake-etcd-benchmark.ts";

const test = suite<{ folder: string }>("calibrate");

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-calibrate-"));
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const SMALL = ["calibrate", "--quick", "--conns=10", "--clients=50"];

/** Children of `parentPid`, without zombies. */
async function childrenOf(parentPid: number): Promise<number[]> {
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const { state, ppid } = (await statOf(Number(name))) ?? {};
    if (ppid === parentPid && state !== "Z") children.push(Number(name));
  }
  return children;
}

interface Stat {
  state: string;
  ppid: number;
  /** Ticks since boot; together with the pid it identifies a process. */
  startTime: string;
}

async function statOf(pid: number): Promise<Stat | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0]!, ppid: Number(fields[1]), startTime: fields[19]! };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code!)) return null;
    throw error;
  }
}

/** Waits for the fake etcd of a new calibration. */
function fakeEtcdOf(run: BenchProcess): Promise<{ pid: number; startTime: string }> {
  return run.until("a fake etcd", async () => {
    for (const pid of await childrenOf(run.pid)) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const stat = await statOf(pid);
      if (command.includes("fake-etcd") && stat) return { pid, startTime: stat.startTime };
    }
    return null;
  });
}

async function untilGone({ pid, startTime }: { pid: number; startTime: string }): Promise<void> {
  await until(`the end of process ${pid}`, async () => {
    const stat = await statOf(pid);
    return stat === null || stat.state === "Z" || stat.startTime !== startTime;
  });
}

/** The paths of all numbers and nulls in a value. */
function figuresIn(value: unknown, path = ""): [path: string, figure: number | null][] {
  if (value === null || typeof value === "number") return [[path, value]];
  if (typeof value !== "object") return [];
  return Object.entries(value as object).flatMap(([name, inner]) =>
    figuresIn(inner, path === "" ? name : `${path}.${name}`),
  );
}

test("a quick calibration prints all figures as JSON, also of etcd's own tool, and leaves no process", async ({
  folder,
}) => {
  const tool = `--etcd-benchmark=${writeFakeBenchmark(folder)}`;
  const run = new BenchProcess([...SMALL, tool, "--output=json"]);
  const server = await fakeEtcdOf(run);
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 0, stderr);
  await untilGone(server);
  const report = JSON.parse(stdout) as CalibrationReport;
  assert.is(report.status, "complete");
  const figures = figuresIn(report).filter(
    ([path]) => !/^environment|ratePerSec$|dispatchLagP99Ms$/.test(path),
  );
  for (const [path, figure] of figures) assert.ok(Number.isFinite(figure), `${path}: ${figure}`);

  const clients = ["wire", "grpc-js", "gateway", ...((await hasH2load()) ? ["h2load"] : [])];
  clients.push("etcd-benchmark");
  const cost = report.cost!;
  assert.equal(
    cost.map(({ operation, client }) => `${operation} ${client}`),
    ["put", "range"].flatMap((operation) => clients.map((client) => `${operation} ${client}`)),
  );
  for (const row of cost) {
    const what = `${row.operation} ${row.client}`;
    assert.ok(row.requests > 0 && row.requestsPerSec > 0, what);
    assert.ok(row.cpuMicrosPerRequest! > 0 && row.serverCpuMicrosPerRequest > 0, what);
    assert.ok(row.wireOverThis! > 0, what);
    if (row.client === "wire") assert.is(row.wireOverThis, 1);
    // The main advantage of wire; the limit leaves room for a busy machine.
    if (row.client === "grpc-js") assert.ok(row.wireOverThis! < 0.5, `${what} ${row.wireOverThis}`);
  }
  assert.equal(
    report.dispatchLag!.map(({ wait, ratePerSec }) => `${wait} ${ratePerSec}`),
    [1_000, 10_000].flatMap((rate) => ["nap", "spin", "timer"].map((wait) => `${wait} ${rate}`)),
  );
  for (const lag of report.dispatchLag!) {
    const { dispatchLagP50Ms, dispatchLagP99Ms } = lag;
    assert.ok(dispatchLagP50Ms! >= 0);
    // On a busy machine, only the first of several due requests has a lag; p99 needs a thousand.
    if (dispatchLagP99Ms !== null) assert.ok(dispatchLagP99Ms >= dispatchLagP50Ms!);
  }
  assert.equal(
    report.percentileErrors!.map(({ loop }) => loop),
    ["closed", "paced"],
  );
  for (const { loop, requests, delayedByServer, percentiles } of report.percentileErrors!) {
    // With one request more or less, the two histograms would differ in content.
    assert.is(delayedByServer, requests, loop);
    assert.equal(
      percentiles.map(({ percentile }) => percentile),
      [50, 90, 99, 99.9],
    );
    for (const { trueMs, errorMs, measuredMs } of percentiles) {
      assert.ok(trueMs! >= 2, `${trueMs}`);
      assert.ok(Math.abs(trueMs! + errorMs! - measuredMs!) < 1e-9);
      // No answer arrives before its request is sent; buckets are 0.1% wide.
      assert.ok(errorMs! > -0.002 * trueMs!, `${loop}: ${errorMs} of ${trueMs}`);
    }
  }
});

/** Multi-step calls and streams, for the daily run; a whole run uses all workloads. */
const ON_A_DAY = ["lock", "watch"];

test("the CPU time of a workload's operation is measured, over wire and grpc-js", async () => {
  const asked = isWholeRun() ? "all" : ON_A_DAY.join(",");
  const { code, stdout, stderr } = await bench([...SMALL, `--workloads=${asked}`, "-o", "json"]);
  assert.is(code, 0, stderr);
  const { cost, dispatchLag, percentileErrors } = JSON.parse(stdout) as CalibrationReport;
  assert.is(dispatchLag, null);
  assert.is(percentileErrors, null);
  for (const workload of CALIBRATED_WORKLOADS) {
    if (!isWholeRun() && !ON_A_DAY.includes(workload.name)) continue;
    const shown = operationOf(workload);
    const rows = cost!.filter(({ operation }) => operation === shown);
    assert.equal(
      rows.map(({ client }) => client).filter((client) => client !== "h2load"),
      ["wire", "grpc-js", ...(workload.repeats === undefined ? [] : ["gateway"])],
      shown,
    );
    const [wire] = rows;
    // The ratio depends on the machine: under low load, periodic work of the client dominates.
    for (const { client, requests, cpuMicrosPerRequest, wireOverThis } of rows) {
      assert.ok(requests > 0 && cpuMicrosPerRequest! > 0, `${shown} ${client}`);
      const ratio = wire!.cpuMicrosPerRequest! / cpuMicrosPerRequest!;
      assert.ok(Math.abs(wireOverThis! - ratio) < 1e-9, `${shown} ${client}: ${wireOverThis}`);
    }
  }
});

test("requests that etcd's own tool reports must match the answers of the server", async ({
  folder,
}) => {
  const range = [...SMALL, "--workloads=range", "-o", "json"];
  const overstated = await bench([...range, `--etcd-benchmark=${writeFakeBenchmark(folder, 0.5)}`]);
  assert.is(overstated.code, 1, overstated.stderr);
  assert.match(
    overstated.stderr,
    /^bench: calibrate: etcd-benchmark tells of \d+ range requests that /m,
  );
});

test("Ctrl-C prints the finished parts, exits with 130 and ends the fake etcd", async () => {
  const run = new BenchProcess([...SMALL, "-o", "json"]);
  const server = await fakeEtcdOf(run);
  // The first step has begun when this line appears.
  await run.said(/1 of 3/);
  run.signal("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 130, stderr);
  const report = JSON.parse(stdout) as CalibrationReport;
  assert.is(report.status, "interrupted");
  assert.is(report.percentileErrors, null);
  await untilGone(server);
});

test("the fake etcd ends by itself when bench is killed", async () => {
  const run = new BenchProcess([...SMALL, "--quiet"]);
  const server = await fakeEtcdOf(run);
  run.signal("SIGKILL");
  assert.is((await run.ended).signal, "SIGKILL");
  await untilGone(server);
});

test("a fake etcd that ends during the calibration is reported in one line, with exit code 1", async () => {
  const run = new BenchProcess([...SMALL, "--quiet"]);
  const server = await fakeEtcdOf(run);
  process.kill(server.pid, "SIGKILL");
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 1, stderr);
  assert.match(stderr, /^bench: calibrate: the fake etcd's process has ended[^\n]*\n$/);
  assert.is(stdout, "");
});

test("invalid input is refused in one line with exit code 2, and nothing is started", async () => {
  for (const [args, words] of [
    [["--conns=0"], /--conns: "0"/],
    [["--clients=1.5"], /--clients: "1.5"/],
    [["--conns=20", "--clients=10"], /--conns=20 is more than --clients=10/],
    [["--workloads=puts"], /--workloads: "puts" is neither all nor one of put, range/],
    [
      ["--etcd-benchmark=/nonexistent/benchmark"],
      /--etcd-benchmark \/nonexistent\/benchmark: there is/,
    ],
    [["--output=csv"], /--output: calibrate prints table or json, not csv/],
    [["--output=json=/nonexistent/folder/file"], /--output: .*nonexistent/],
    [["--rate=5"], /--rate: a flag of put and range/],
    [["surplus"], /surplus/],
  ] as const) {
    const { code, stdout, stderr } = await bench(["calibrate", ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, /^bench: [^\n]+\n$/);
    assert.match(stderr, words);
    assert.is(stdout, "");
  }
});

test.run();
