/** Owns what `bench quickstart` does: a throwaway cluster, the published rows, the two tables. */
import path from "node:path";
import { EXIT } from "../errors.ts";
import { loadSuite, planSuiteRun } from "../plan/suite.ts";
import { packageRoot } from "../result/package-root.ts";
import type { RunResult } from "../result/schema.ts";
import { run } from "../run/run.ts";
import { findEtcd } from "../target/etcd-binary/find.ts";
import { startLocalCluster } from "../target/local-cluster.ts";
import { displayFor, handOver, prepareDestination, type ResultFlags } from "./hand-over.ts";
import { listenForInterrupts } from "./interrupts.ts";

/** Resolves to the exit code. Throws a BenchError where no etcd could be found or started. */
export async function runQuickstart(flags: ResultFlags & { etcd?: string }): Promise<number> {
  const destination = await prepareDestination(flags, { defaultFormat: "summary" });
  const suite = await loadSuite(path.join(packageRoot(), "workloads", "quickstart.yaml"));
  const display = displayFor(flags, suite.runs.length);
  const interrupts = listenForInterrupts(display.say);
  const binary = await findEtcd({ explicitPath: flags.etcd, say: display.say });
  const cluster = await startLocalCluster({ binary, members: suite.members, say: display.say });
  try {
    interrupts.runBegins();
    const results: RunResult[] = [];
    for (const [index, each] of suite.runs.entries()) {
      if (interrupts.signal.aborted) break;
      display.say(`run ${index + 1} of ${suite.runs.length}: ${each.name}`);
      const { plan } = planSuiteRun(each, cluster.endpoints);
      const controls = { onProgress: display.update, stop: interrupts.signal, target: cluster };
      results.push(await run(plan, controls).finally(display.end));
    }
    // What had not begun when the person interrupted is missing, and the exit code says so.
    const exitCode = await handOver(results, destination, flags, display);
    return interrupts.signal.aborted ? EXIT.interrupted : exitCode;
  } finally {
    await cluster.stop();
    interrupts.dispose();
  }
}
