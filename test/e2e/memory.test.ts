/** `bench memory` on a real etcd: it adds what it says, measures it, and takes back what it wrote. */
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import type { MemoryReport } from "../../src/memory/report-schema.ts";
import { type EtcdUnderTest, onEachEtcd } from "../etcd/each-etcd.ts";
import { listLeases } from "../etcd/leases.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench } from "../harness/bench-process.ts";

async function path({ version }: EtcdUnderTest): Promise<string> {
  return (await version.binary()).path;
}

onEachEtcd("memory", {}, (test, etcd) => {
  const at = () => `--endpoints=${etcd.endpoint}`;

  test("each thing is measured in steps, and an etcd without profiles is noted", async () => {
    const of = "--of=connections:10,streams:20,watchers:400,leases:40,keys:80,revisions:80";
    const steps = ["--steps=2", "--settle=0", "--output=json", "--no-progress"];
    const { code, stdout, stderr } = await bench(["memory", at(), of, ...steps]);
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

  test("on a throwaway etcd garbage is collected before each reading", async () => {
    const args = ["--local", "--of=connections:20", "--steps=5", "--settle=0"];
    const { code, stdout, stderr } = await bench(["memory", ...args, `--etcd=${await path(etcd)}`]);
    assert.is(code, EXIT.done, stderr);
    assert.match(stdout, /each reading after a garbage collection/);
    assert.match(
      stdout,
      /^connection +20 +[1-9][\d.]+ kB +[\d.]+ kB to [\d.]+ kB .* 17\.0 kB RSS$/m,
    );
  });

  test("a thing that there is not is refused", async () => {
    const { code, stderr } = await bench(["memory", at(), "--of=watchers,sessions"]);
    assert.is(code, EXIT.usage);
    assert.match(stderr, /--of: "sessions" is none of connections,streams,/);
  });
});
