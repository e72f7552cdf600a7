/**
 * Owns what put and range have in common around the measurement: everything that can be wrong is
 * found first, then a local etcd is started if asked for, the run is carried out, and what it
 * found is saved, printed and turned into the exit code.
 */
import { type BenchError, EXIT, usageError } from "../errors.ts";
import type { Invocation } from "../plan/from-flags.ts";
import { planFromFlags } from "../plan/from-flags.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import { saveResult } from "../result/store.ts";
import { wantsColor } from "./color.ts";
import { exitCodeOf } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { listenForInterrupts } from "./interrupts.ts";
import {
  checkWritable,
  collectFailure,
  type Output,
  parseOutputs,
  writeOutputs,
} from "./outputs.ts";
import { createProgress, type ProgressDisplay } from "./progress.ts";

/** The flags of put and range that say nothing of the plan, only of what becomes of the result. */
export interface ResultFlags {
  output?: string[];
  save?: string;
  quiet?: boolean;
  "no-progress"?: boolean;
  "no-color"?: boolean;
}

/** Resolves to the exit code. Throws a BenchError where the run could not be carried out. */
export async function runCommand(
  invocation: Invocation,
  flags: PlanFlags & ResultFlags,
): Promise<number> {
  const { plan, notes } = planFromFlags(invocation, process.env);
  const outputs = parseOutputs(flags.output ?? []);
  const saveFolder = flags.save ?? null;
  if (saveFolder === "") {
    throw usageError('--save: "" names no folder, e.g. --save or --save=results');
  }
  await checkWritable(outputs, saveFolder);

  const display = createProgress({
    stream: process.stderr,
    show: flags.quiet ? "none" : flags["no-progress"] ? "notes" : "all",
    color: wantsColor(flags, process.env, process.stderr.isTTY),
  });
  for (const note of notes) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  const etcd = await startTarget(plan, flags.etcd, display.say);
  try {
    const { run } = await import("../run/run.ts");
    const controls = { onProgress: display.update, say: display.say, stop: interrupts.signal };
    interrupts.runBegins();
    const result = await run(etcd.plan, { ...controls, target: etcd }).finally(display.end);
    return await handOver(result, outputs, saveFolder, flags, display);
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

/** Saves and prints a result, whatever fails on the way, and resolves to the exit code. */
async function handOver(
  result: RunResult,
  outputs: readonly Output[],
  saveFolder: string | null,
  flags: ResultFlags,
  display: ProgressDisplay,
): Promise<number> {
  const failures: BenchError[] = [];
  // Saving comes first: it keeps the most, and whoever reads the output may stop reading.
  if (saveFolder !== null) {
    const failure = await collectFailure(async () => {
      display.say(`saved ${await saveResult(saveFolder, result)}`);
    });
    if (failure !== null) failures.push(failure);
  }
  const toStandard = {
    color: wantsColor(flags, process.env, process.stdout.isTTY),
    widthColumns: process.stdout.columns ?? null,
  };
  failures.push(...(await writeOutputs(outputs, [result], toStandard)));
  for (const failure of failures) reportFailure(failure);
  const exitCode = exitCodeOf(result);
  return exitCode === EXIT.done && failures.length > 0 ? EXIT.failed : exitCode;
}
