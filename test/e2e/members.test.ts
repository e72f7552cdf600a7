/** Figures of members and endpoints on a real etcd: the tables that are asked for, and CSV. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { bench } from "../harness/bench-process.ts";

onEachEtcd("members", {}, (test, etcd) => {
  test("a run prints what it takes of each member and the figures of each endpoint", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-members-"));
    try {
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
      const figure = (name: string) => {
        const text = line!.split(",")[header!.split(",").indexOf(name)];
        return text === "" ? null : Number(text);
      };
      for (const name of ["heapInUseBytes", "heapAllocatedBytes", "goroutines", "openFiles"]) {
        assert.ok(figure(name)! > 0, name);
      }
      for (const name of ["clientReceivedBytes", "clientSentBytes", "dbInUseBytes"]) {
        assert.ok(figure(name)! > 0, name);
      }
      // Only of processes that bench started.
      assert.is(figure("peakRssBytes"), null);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
