/** Tests calling other load generators, reading their reports, and their failures. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { etcdBenchmark } from "../../../src/calibrate/etcd-benchmark.ts";
import { H2LOAD, lackOfH2load } from "../../../src/calibrate/h2load.ts";
import {
  type OtherClient,
  type OtherRequest,
  runOther,
} from "../../../src/calibrate/other-client.ts";
import { BenchError } from "../../../src/errors.ts";
import { writeFakeBenchmark } from "../../peers/fake-etcd-benchmark.ts";

const test = suite<{ folder: string }>("other-client");

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(os.tmpdir(), "bench-other-"));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

const REQUEST: OtherRequest = {
  operation: "put",
  endpoint: "127.0.0.1:2379",
  connections: 10,
  clients: 25,
  requests: 400,
};

test("h2load's report is read in each of its units of time", () => {
  const text = (time: string) =>
    `progress: 100% done\n\nfinished in ${time}, 284163.83 req/s, 101.36MB/s\n` +
    "requests: 300000 total, 300000 started, 300000 done, 299999 succeeded, 1 failed, 0 errored, 0 timeout\n";
  const read = (report: string) => H2LOAD.readReport(report, REQUEST);
  assert.equal(read(text("1.06s")), { succeeded: 299_999, seconds: 1.06 });
  assert.is(read(text("964.5ms")).seconds, 0.9645);
  assert.is(read(text("800us")).seconds, 0.0008);
  assert.throws(() => read("something else"), /not understood/);
});

test("h2load has at least as many requests in flight as clients", ({ folder }) => {
  const args = H2LOAD.argumentsFor(REQUEST, folder);
  for (const arg of ["--clients=10", "--max-concurrent-streams=3", "--requests=400"]) {
    assert.ok(args.includes(arg), args.join(" "));
  }
  assert.is(args.at(-1), "http://127.0.0.1:2379/etcdserverpb.KV/Put");
  const few = H2LOAD.argumentsFor({ ...REQUEST, clients: 4 }, folder);
  assert.ok(few.includes("--clients=4") && few.includes("--max-concurrent-streams=1"));
  const body = readFileSync(path.join(folder, "body"));
  assert.is(body.readUInt8(0), 0);
  assert.is(body.readUInt32BE(1), body.length - 5);
});

test("etcd's own tool gets the same load in its own flags", async ({ folder }) => {
  const client = await etcdBenchmark(writeFakeBenchmark(folder));
  const put = client.argumentsFor(REQUEST, folder).join(" ");
  assert.match(put, /^--endpoints=127.0.0.1:2379 --conns=10 --clients=25 put .* --total=400$/);
  assert.match(put, / --key-size=8 .* --sequential-keys --val-size=256 /);
  const range = client.argumentsFor({ ...REQUEST, operation: "range" }, folder).join(" ");
  assert.match(range, / range calibrat --consistency=s --total=400$/);
});

test("all requests of etcd's own tool count as done, except the errors in its report", async ({
  folder,
}) => {
  const { readReport } = await etcdBenchmark(writeFakeBenchmark(folder));
  const report =
    "bench with serializable range\n 400 / 400\r 400 / 400  100.00% 2s\n\nSummary:\n" +
    "  Total:\t2.5001 secs.\n  Slowest:\t0.1610 secs.\n\nResponse time histogram:\n  0.0002 [1]\t|\n";
  assert.equal(readReport(report, REQUEST), { succeeded: 400, seconds: 2.5001 });
  const errors =
    "\nError distribution:\n  [3]\trpc error: a [9] b\n  [2]\tcontext deadline exceeded\n";
  assert.is(readReport(report + errors, REQUEST).succeeded, 395);
  assert.throws(() => readReport(errors, REQUEST), /not understood/);
});

test("a program other than etcd's benchmark tool is refused before the measurement", async ({
  folder,
}) => {
  const missing = path.join(folder, "benchmark");
  const text = path.join(folder, "text");
  writeFileSync(text, "no program", { mode: 0o644 });
  for (const [command, words] of [
    [missing, /^--etcd-benchmark .*: there is no such program .*; build tools\/benchmark /],
    [text, /^--etcd-benchmark .*: \/.*text is not executable; make it executable/],
    [process.execPath, /^--etcd-benchmark .*: it is not etcd's benchmark tool; build /],
  ] as const) {
    const error = await etcdBenchmark(command).catch((reason: unknown) => reason);
    assert.instance(error, BenchError);
    assert.match((error as BenchError).message, words);
  }
});

test("an h2load that is on PATH and cannot be run is not said to be absent", ({ folder }) => {
  const env = { PATH: folder };
  assert.match(lackOfH2load(env), /^h2load is not on PATH, so it is not in the table/);
  const program = path.join(folder, "h2load");
  writeFileSync(program, "#!/bin/sh\nexit 1\n", { mode: 0o644 });
  assert.match(
    lackOfH2load(env),
    /^\/.*h2load is not executable, so h2load is not in the table; make/,
  );
  chmodSync(program, 0o755);
  assert.match(lackOfH2load(env), /^h2load does not start/);
});

test("the error for a failed program has its last output, and its folder is removed", async () => {
  const folders: string[] = [];
  const failing: OtherClient = {
    name: "h2load",
    command: process.execPath,
    share: 1,
    leastRequests: 1,
    argumentsFor: (_, folder) => {
      folders.push(folder);
      return ["-e", "console.error('no such host'); process.exit(3)"];
    },
    readReport: () => ({ succeeded: 1, seconds: 1 }),
  };
  const error = await runOther(failing, REQUEST).catch((reason: unknown) => reason as Error);
  assert.match((error as Error).message, /^h2load failed \(3\): no such host$/);
  assert.throws(() => readFileSync(folders[0]!), /ENOENT/);
});

test.run();
