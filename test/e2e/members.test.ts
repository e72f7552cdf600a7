/**
 * Checks member figures on a real etcd: what runs print and save for members and endpoints, etcd's
 * profiles, and the results of `bench memory`.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import type { MemoryReport } from "../../src/memory/report-schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { listLeases } from "../etcd/leases.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench, measure } from "../harness/bench-process.ts";
import { isWholeRun } from "../harness/whole-run.ts";

onEachEtcd("members", { isCleared: true }, (test, etcd) => {
  let folder: string;

  test.before.each(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-members-"));
  });
  test.after.each(() => rm(folder, { recursive: true }));

  async function etcdFlag(): Promise<string> {
    return `--etcd=${(await etcd.version.binary()).path}`;
  }

  test("a run prints the resources of each member and the figures of each endpoint", async () => {
    const file = join(folder, "members.csv");
    const both = [etcd.endpoint, etcd.endpoint.replace("127.0.0.1", "localhost")];
    const { code, stdout, stderr } = await bench([
      ...["put", `--endpoints=${both.join(",")}`, "--conns=2", "--clients=4", "--total=400"],
      ...["--members", "--by=endpoint", `--output=members=${file}`, "--output=table"],
      "--threshold=put@etcd1:p99<10m",
    ]);
    assert.is(code, EXIT.done, stderr);
    assert.match(stdout, /^etcd: memory and disk\n/m);
    assert.match(stdout, /^etcd: traffic\n/m);
    assert.match(stdout, /^By endpoint\n/m);
    for (const each of both) {
      assert.match(stdout, new RegExp(`^put +${each} +etcd1 \\(leader\\) +[\\d,.]+ +0 `, "m"));
    }
    assert.match(stdout, /Threshold put@etcd1:p99<10m: passed/);
    const [header, line] = (await readFile(file, "utf8")).trimEnd().split("\n");
    const figure = (name: string) => line!.split(",")[header!.split(",").indexOf(name)];
    for (const name of ["heapInUseBytes", "heapAllocatedBytes", "goroutines", "openFiles"]) {
      assert.ok(Number(figure(name)) > 0, name);
    }
    for (const name of ["clientReceivedBytes", "clientSentBytes", "dbInUseBytes"]) {
      assert.ok(Number(figure(name)) > 0, name);
    }
    // Only known for processes that bench started.
    assert.is(figure("peakRssBytes"), "");
  });

  test("profiles of the slowest window of a throwaway cluster are saved with the result", async () => {
    const load = ["--rate=50", "--duration=1s", "--pprof", "--save=kept"];
    const { result, stderr } = await measure(["put", "--local", await etcdFlag(), ...load], {
      cwd: folder,
    });
    assert.equal(
      result.profiles.map(({ member, kind }) => `${kind} of ${member}`),
      ["cpu of etcd1", "heap of etcd1"],
    );
    for (const { file, sizeBytes } of result.profiles) {
      assert.match(stderr, new RegExp(`saved kept/${file}`));
      const bytes = await readFile(join(folder, "kept", file));
      assert.is(bytes.length, sizeBytes);
      assert.match(gunzipSync(bytes).toString("latin1"), /etcd|runtime/);
    }
    // bench started the process, so its peak, its disk and its files are known.
    const [server] = result.server;
    assert.ok(server!.peakRssBytes! >= server!.rssMaxBytes!, `${server!.peakRssBytes}`);
    assert.ok(server!.walSizeBytes! > 0 && server!.diskWrittenBytes! >= 0);
  });

  test("bench memory adds each kind of object in steps, and removes what it wrote", async () => {
    const of = "--of=connections:10,streams:20,watchers:400,leases:40,keys:80,revisions:80";
    const steps = ["--steps=2", "--settle=0", "--output=json", "--no-progress"];
    const args = ["memory", `--endpoints=${etcd.endpoint}`, of, ...steps];
    const { code, stdout, stderr } = await bench(args);
    assert.is(code, EXIT.done, stderr);
    const report: MemoryReport = JSON.parse(stdout);
    assert.is(report.status, "complete");
    assert.is(report.hasForcedCollection, false);
    assert.match(report.notes.join(" "), /without --enable-pprof/);
    assert.equal(
      report.things.map(({ thing, readings }) => [thing, readings.map(({ added }) => added)]),
      [
        ["connection", [0, 5, 10]],
        ["stream", [0, 10, 20]],
        ["watcher", [0, 200, 400]],
        ["lease", [0, 20, 40]],
        ["key", [0, 40, 80]],
        ["revision", [0, 40, 80]],
      ],
    );
    const goroutines = (at: number) => report.things[at]!.goroutines!.each;
    assert.ok(goroutines(0) > 0.5, `${goroutines(0)} goroutines of a connection`);
    assert.ok(goroutines(1) > 0.5, `${goroutines(1)} goroutines of a stream`);
    assert.equal((await readStored(etcd.endpoint)).keys, []);
    const leases = await listLeases(etcd.endpoint);
    if (leases !== null) assert.equal(leases, []);
  });

  if (isWholeRun()) {
    test("on a throwaway etcd garbage is collected before each reading", async () => {
      const args = ["--local", "--of=connections:20,keys:500", "--steps=5", "--settle=0"];
      const { code, stdout, stderr } = await bench(["memory", ...args, await etcdFlag()]);
      assert.is(code, EXIT.done, stderr);
      assert.match(stdout, /each reading after a garbage collection/);
      assert.match(
        stdout,
        /^connection +20 +[1-9][\d.]+ kB +[\d.]+ kB to [\d.]+ kB .* 17\.0 kB RSS$/m,
      );
    });
  }
});
