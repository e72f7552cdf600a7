/** Kills `bench cluster` at random times: list shows all that remains, and down removes it. */
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { processesNaming } from "../../src/etcd/local-cluster/process-identity.ts";
import { clusterNames } from "../../src/etcd/named-cluster/clusters-folder.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";

const KILLS_EACH = 7;
/** Longer than each command takes on an idle machine. */
const WITHIN_MS = { start: 1_200, add: 6_000, down: 900 };

const test = suite<{ clusters: ClusterCommands; etcd: string }>("kills of bench cluster");

test.before.each(async (context) => {
  context.clusters = new ClusterCommands();
  context.etcd = `--etcd=${(await etcdForTests()).path}`;
});

test.after.each(({ clusters }) => clusters.end());

for (const command of ["start", "add", "down"] as const) {
  test(`after a killed ${command}, down leaves nothing`, async ({ clusters, etcd }) => {
    for (let round = 0; round < KILLS_EACH; round++) {
      if (command !== "start") await clusters.run("start", "--size=1", etcd);
      const args = command === "start" ? ["start", etcd] : [command];
      const bench = new BenchProcess(["cluster", ...args], { env: clusters.env });
      const afterMs = randomInt(WITHIN_MS[command]);
      await Promise.race([delay(afterMs), bench.ended]);
      bench.signal("SIGKILL");
      await bench.ended;

      const shown = `killed after ${afterMs} ms`;
      const folders = () => clusterNames(clusters.env);
      if (folders().length > 0) {
        assert.match(await clusters.run("list"), /^default /m, shown);
        await clusters.run("down");
      }
      assert.equal(folders(), [], shown);
      // A shell that waits for its record ends when bench is gone.
      const left = () => processesNaming(clusters.folder, []);
      await until(`no process is left, ${shown}`, () => left().length === 0);
    }
  });
}

test.run();
