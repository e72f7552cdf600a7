/** Kills etcd in the middle of each workload: the run ends by itself, and every count adds up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OperationResult } from "../../src/result/schema.ts";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { BenchProcess, measuredBy } from "../bench-process.ts";
import { until } from "../conditions.ts";
import { etcdForTests } from "../real-etcd.ts";
import { readStored } from "../stored-keys.ts";

const WORKLOADS: string[][] = [
  ["txn-put", "--txn-ops=4", "--key-space-size=100"],
  ["txn-mixed", "--key-space-size=100", "--rw-ratio=0.5"],
  ["delete", "--key-space-size=5000"],
];

const test = suite<{ cluster: LocalCluster }>("kills");

test.before.each(async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after.each(({ cluster }) => cluster.stop());

/** checkSums has held each operation's own counts against each other already. */
function assertAddsUp([whole, ...series]: OperationResult[]): void {
  const { requests } = whole!;
  assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
  if (series.length === 0) return;
  for (const name of ["started", "succeeded", "failed"] as const) {
    const sum = series.reduce((total, each) => total + each.requests[name], 0);
    assert.is(sum, requests[name], `${name} of ${series.map((each) => each.name).join(", ")}`);
  }
}

for (const [command, ...flags] of WORKLOADS) {
  for (const pacing of [["--rate=500"], []]) {
    const kind = pacing.length > 0 ? "paced" : "closed-loop";
    test(`etcd killed in the middle of a ${kind} ${command}`, async ({ cluster }) => {
      const endpoint = cluster.endpoints[0]!;
      const before = (await readStored(endpoint)).revision;
      const run = new BenchProcess([
        command!,
        `--endpoints=${endpoint}`,
        ...flags,
        ...pacing,
        ...["--duration=5s", "--clients=10", "--conns=2", "--workers=2", "--timeout=1s"],
        "--output=json",
      ]);
      await until("a few hundred writes", async () => {
        return (
          (await readStored(endpoint)).revision >= before + 300 + (command === "delete" ? 5_000 : 0)
        );
      });
      await cluster.kill(0);
      const { code, result, stderr } = measuredBy(await run.ended);
      assert.is(code, 1, stderr);
      assert.is(result.verdict.kind, "errors");
      assertAddsUp(result.operations);
    });
  }
}

test.run();
