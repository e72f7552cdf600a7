/**
 * Owns what put and range have in common around the measurement: everything that can be wrong is
 * found first, then a local etcd is started if asked for, and the run is carried out.
 */
import { EXIT } from "../errors.ts";
import type { Invocation } from "../plan/from-flags.ts";
import { planFromFlags } from "../plan/from-flags.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import { reportFailure } from "./failure.ts";
import { displayFor, handOver, prepareDestination, type ResultFlags } from "./hand-over.ts";
import { listenForInterrupts } from "./interrupts.ts";

/** Resolves to the exit code. Throws a BenchError where the run could not be carried out. */
export async function runCommand(
  invocation: Invocation,
  flags: PlanFlags & ResultFlags,
): Promise<number> {
  const { plan, notes } = planFromFlags(invocation, process.env);
  const destination = await prepareDestination(flags, { command: invocation.command });
  // Of a search each step has its line; the phases of all would be too much for a log.
  const display = displayFor(flags, plan.search === null ? 1 : Number.POSITIVE_INFINITY);
  for (const note of notes) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  const etcd = await startTarget(plan, flags.etcd, display.say);
  try {
    const controls = { onProgress: display.update, say: display.say, stop: interrupts.signal };
    interrupts.runBegins();
    if (plan.search !== null) {
      const { runSearch } = await import("./run-search.ts");
      const { results, failure } = await runSearch(etcd.plan, plan.search, {
        ...controls,
        target: etcd,
      }).finally(display.end);
      const exitCode = await handOver(results, destination, flags, display);
      if (interrupts.signal.aborted) return EXIT.interrupted;
      return failure === null ? exitCode : reportFailure(failure);
    }
    const { run } = await import("../run/run.ts");
    const result = await run(etcd.plan, { ...controls, target: etcd }).finally(display.end);
    return await handOver([result], destination, flags, display);
  } finally {
    await etcd.stop();
    interrupts.dispose();
  }
}

interface Target {
  /** With the endpoints of a cluster that was started for it. */
  plan: RunPlan;
  dataFileSystem: string | null;
  stop(): Promise<void>;
}

/** The etcd that the plan names, or one of its own where the plan asks for that. */
async function startTarget(
  plan: RunPlan,
  explicitPath: string | undefined,
  say: (line: string) => void,
): Promise<Target> {
  const { local } = plan.target;
  if (local === null) return { plan, dataFileSystem: null, async stop() {} };
  const { findEtcd } = await import("../target/etcd-binary/find.ts");
  const { startLocalCluster } = await import("../target/local-cluster.ts");
  const binary = await findEtcd({ explicitPath, say });
  const cluster = await startLocalCluster({ binary, members: local.members, say });
  const target = { ...plan.target, endpoints: [...cluster.endpoints] };
  return {
    plan: { ...plan, target },
    dataFileSystem: cluster.dataFileSystem,
    stop: () => cluster.stop(),
  };
}
