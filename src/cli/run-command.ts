/**
 * Owns what put and range have in common around the measurement: everything that can be wrong is
 * found first, then a local etcd is started if asked for, the run is carried out, and what it
 * found is saved, printed and turned into the exit code.
 */
import { EXIT, usageError } from "../errors.ts";
import type { Invocation } from "../plan/from-flags.ts";
import { planFromFlags } from "../plan/from-flags.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import { REPORT_FORMATS } from "../report/formats.ts";
import type { RunResult } from "../result/schema.ts";
import { saveResult } from "../result/store.ts";
import { run } from "../run/run.ts";
import type { LocalCluster } from "../target/local-cluster.ts";
import { wantsColor } from "./color.ts";
import { exitCodeOf } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { checkWritable, collectFailure, parseOutputs, writeOutputs } from "./outputs.ts";
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
  const formats = REPORT_FORMATS.map((each) => each.name);
  const outputs = parseOutputs(flags.output ?? [], formats);
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
  const result = await measure(plan, flags.etcd, display, interrupts);

  // Saving comes first: it keeps the most, and whoever reads the output may stop reading.
  const saveFailure =
    saveFolder === null
      ? null
      : await collectFailure(async () => {
          display.say(`saved ${await saveResult(saveFolder, result)}`);
        });
  const failures = await writeOutputs(outputs, [result], REPORT_FORMATS, {
    color: wantsColor(flags, process.env, process.stdout.isTTY),
    widthColumns: process.stdout.columns ?? null,
  });
  interrupts.dispose();
  if (saveFailure !== null) failures.push(saveFailure);
  for (const failure of failures) reportFailure(failure);
  const exitCode = exitCodeOf(result);
  return exitCode === EXIT.done && failures.length > 0 ? EXIT.failed : exitCode;
}

/** Carries the plan out, on an etcd of its own where the plan asks for one. */
async function measure(
  plan: RunPlan,
  etcdPath: string | undefined,
  display: ProgressDisplay,
  interrupts: Interrupts,
): Promise<RunResult> {
  const controls = { onProgress: display.update, say: display.say, stop: interrupts.signal };
  try {
    if (plan.target.local === null) {
      interrupts.runBegins();
      return await run(plan, controls);
    }
    const cluster = await startLocalEtcd(plan.target.local.members, etcdPath, display.say);
    try {
      const target = { ...plan.target, endpoints: [...cluster.endpoints] };
      interrupts.runBegins();
      return await run(
        { ...plan, target },
        { ...controls, target: { dataFileSystem: cluster.dataFileSystem } },
      );
    } finally {
      await cluster.stop();
    }
  } finally {
    display.end();
  }
}

async function startLocalEtcd(
  members: 1 | 3 | 5,
  etcdPath: string | undefined,
  say: (line: string) => void,
): Promise<LocalCluster> {
  const { findEtcd } = await import("../target/etcd-binary/find.ts");
  const { startLocalCluster } = await import("../target/local-cluster.ts");
  const binary = await findEtcd({ explicitPath: etcdPath, say });
  return startLocalCluster({ binary, members, say });
}
