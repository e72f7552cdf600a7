/**
 * Owns what put and range have in common around the measurement: everything that can be wrong is
 * found first, then a local etcd is started if asked for, and the run is carried out.
 */
import type { Access } from "../access/access.ts";
import { EXIT } from "../errors.ts";
import type { Invocation } from "../plan/from-flags.ts";
import { planFromFlags } from "../plan/from-flags.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import { forgetSecretVariables, readAccess } from "./access.ts";
import { reportFailure } from "./failure.ts";
import { displayFor, handOver, prepareDestination, type ResultFlags } from "./hand-over.ts";
import { listenForInterrupts } from "./interrupts.ts";

/** Resolves to the exit code. Throws a BenchError where the run could not be carried out. */
export async function runCommand(
  invocation: Invocation,
  flags: PlanFlags & ResultFlags,
): Promise<number> {
  const env = { ...process.env };
  forgetSecretVariables();
  const { plan, notes } = planFromFlags(invocation, env);
  const destination = await prepareDestination(flags, { command: invocation.command });
  // Of a search each step has its line; the phases of all would be too much for a log.
  const display = displayFor(flags, plan.search === null ? 1 : Number.POSITIVE_INFINITY);
  for (const note of notes) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  const etcd = await startTarget(plan, flags, env, display.say);
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
  access: Access;
  stop(): Promise<void>;
}

/** The etcd that the plan names, or one of its own where the plan asks for that. */
async function startTarget(
  plan: RunPlan,
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Target> {
  const { local } = plan.target;
  if (local === null) {
    const access = await readAccess(plan, flags, env);
    return { plan, dataFileSystem: null, access, async stop() {} };
  }
  const { findEtcd } = await import("../target/etcd-binary/find.ts");
  const { startLocalCluster } = await import("../target/local-cluster.ts");
  const binary = await findEtcd({ explicitPath: flags.etcd, say });
  const cluster = await startLocalCluster({
    binary,
    members: local.members,
    extraArgs: local.serverArgs,
    security: { tls: local.tls, auth: local.auth },
    say,
  });
  const target = { ...plan.target, endpoints: [...cluster.endpoints] };
  return {
    plan: { ...plan, target },
    dataFileSystem: cluster.dataFileSystem,
    access: cluster.access,
    stop: () => cluster.stop(),
  };
}
