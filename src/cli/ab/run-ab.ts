/**
 * Carries out `bench ab`: a suite of one cell in two arms, whose runs take turns and whose complete
 * pairs are compared at the end.
 */
import { randomInt } from "node:crypto";
import type { Arm, ArmName } from "../../ab/arms.ts";
import { completePairs } from "../../compare/complete-pairs.ts";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import { plannedGates } from "../../compare/planned-gates.ts";
import { BenchError, EXIT, flagError, usageError } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { DRY_RUN } from "../../flags/output.ts";
import type { RunResult } from "../../result/schema.ts";
import { leftKeysOfSession } from "../../run/left-keys-hint.ts";
import { claimSession, releasingClaims } from "../../saved/session-claim.ts";
import {
  beginSuiteFolder,
  discardSuiteFolder,
  inSuiteFolder,
  isSuiteFolder,
} from "../../saved/suite-folder.ts";
import { formatNoun } from "../../text/noun.ts";
import type { Command } from "../command.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { liveDisplayFor } from "../live/live-display.ts";
import { checkCoordination, usingAgents } from "../measure/agents.ts";
import { dryRunLines } from "../measure/dry-run.ts";
import { openStreams, splitOutputs } from "../measure/streams.ts";
import { checkWritable, parseOutputs } from "../output/outputs.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { writeComparison } from "../saved/compare-saved.ts";
import type { PlannedCell } from "../suite/plans.ts";
import { SuiteTimes } from "../suite/progress.ts";
import { runSuiteSession } from "../suite/session.ts";
import { doneRuns, removeUndone } from "../suite/session-folder.ts";
import { SuiteTarget } from "../suite/target.ts";
import { checkTargets } from "../suite/targets.ts";
import { AB_FLAGS } from "./ab-flags.ts";
import { type Outlook, planLines } from "./ab-words.ts";
import { armLabels, armSuite } from "./arm-suite.ts";
import { planArms } from "./plan-arms.ts";
import { manifestToResume, newFolder, resumedSession } from "./resume.ts";
import { SessionProgress } from "./session-progress.ts";

/**
 * `workload` is the name of a load command, `command` is ab with that workload. Resolves to the exit
 * code. @throws BenchError where no session could be begun
 */
export function runAb(
  workload: string,
  command: Command,
  given: GivenFlags,
  positionals: readonly string[],
): Promise<number> {
  return releasingClaims(() => compareArms(workload, command, given, positionals));
}

async function compareArms(
  workload: string,
  command: Command,
  given: GivenFlags,
  positionals: readonly string[],
): Promise<number> {
  const flags = readFlags(AB_FLAGS, given);
  const { arms, operations, env, notes } = await planArms(workload, command, given, positionals);
  await checkCoordination(given);
  const noise = noiseOf(flags.noise);
  const { output, receivers } = splitOutputs(flags.output);
  const outputs = parseOutputs(output, "table", "comparison");
  const resumed = await resumedSession(flags);
  const first = resumed?.first ?? (randomInt(2) === 0 ? "a" : "b");
  const suite = armSuite({ arms, workload, command, positionals, flags, given, first });
  const manifest =
    resumed === null ? suite.manifest : manifestToResume(resumed, suite.manifest, arms);
  const folder = resumed?.folder ?? (await newFolder(flags, manifest));
  await checkWritable(outputs, folder);
  const isDryRun = DRY_RUN.read(given);
  if (resumed !== null && !isDryRun) await claimSession(folder, "resume");
  const done = resumed === null ? new Map<number, RunResult[]>() : await doneRuns(folder, manifest);
  const pairs = manifest.runs.length / 2;
  if (done.size === manifest.runs.length) {
    throw flagError(
      "resume",
      `--resume: ${folder} has all its ${formatNoun(pairs, "pair")}, fixed before; compare it with bench compare ${folder}`,
    );
  }
  // The session that is resumed may have numbers of its own.
  const runs = suite.runs.map((run, at) => ({ ...run, repeat: manifest.runs[at]!.repeat }));
  const display = await liveDisplayFor(flags, runs.length);
  const comparison = manifest.comparison!;
  const { warmupPairs } = comparison;
  const outlook = {
    ...{ pairs, warmupPairs, noise, first },
    ...plannedGates(
      { a: arms.a.plan, b: arms.b.plan },
      operations,
      gatesOf(comparison.gates.join(",")),
      leastEffectsOf(comparison.leastEffects),
    ),
    donePairs: done.size / 2,
    time: new SuiteTimes(
      [...suite.warmup, ...runs.filter((_, at) => !done.has(at))],
      new Map(),
    ).from(0),
  };
  if (isDryRun) {
    await checkTargets(suite.cells);
    await writeStandardOutput(abDryRun(outlook, arms), false);
    return EXIT.done;
  }
  for (const line of planLines(outlook)) display.say(line);
  for (const note of [...notes, ...comparison.notes]) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  const streams = await openStreams({ ...flags, receivers, say: display.say });
  try {
    await checkTargets(suite.cells);
    const target = new SuiteTarget({ env, say: display.say, sayStart: () => {} });
    for (const cell of suite.cells) await tryArm(cell, target);
    await target.lookAt(suite.cells);
    if (!(await isSuiteFolder(folder))) await beginSuiteFolder(folder, manifest);
    await removeUndone(folder, manifest, done);
    display.say(`runs are kept in ${folder}`);
    if (resumed !== null)
      display.say(`there already: ${done.size / 2} of ${formatNoun(pairs, "pair")}`);
    interrupts.runBegins();
    const times = new SuiteTimes(runs, new Map());
    const progress = new SessionProgress({ folder, manifest, display, outlook, times, done });
    const asked = {
      ...{ given, plans: suite.cells.map(({ plan }) => plan), say: display.say, interrupts },
      targets: () => target.named(suite.cells),
    };
    const { exitCodes } = await inSuiteFolder({ folder, manifest, isNew: resumed === null }, () =>
      usingAgents(asked, (workers) =>
        runSuiteSession(runs, {
          ...{ display, interrupts, target, done, times, warmup: suite.warmup, ...workers },
          observers: [...display.observers, ...streams.observers],
          endsAtFailure: true,
          labelsOf: armLabels(comparison),
          keep: (at, results) => progress.keep(at, results),
          onMeasured: (run, results) =>
            progress.onMeasured(run, results, !suite.warmup.includes(run)),
          onKept: (at, results) => progress.onKept(at, results),
        }),
      ),
    );
    display.end();
    const { a, b } = progress.results;
    if (a.length + b.length === 0) await discardSuiteFolder(folder);
    const isStopped = interrupts.signal.aborted;
    if (completePairs(a, b).pairs === 0) {
      await streams.end({ kind: "results", results: [...a, ...b] }, interrupts.signal);
      if (exitCodes.length > 0) return exitCodes[0]!;
      display.say("no pair is complete: there is nothing to judge");
      return isStopped ? EXIT.interrupted : EXIT.failed;
    }
    const judged = progress.comparison();
    await streams.end({ kind: "comparison", comparison: judged }, interrupts.signal);
    interrupts.outputsBegin();
    const exitCode = await writeComparison(judged, outputs, flags);
    const hint = await leftKeysOfSession(
      [...a, ...b],
      (await isSuiteFolder(folder)) ? folder : null,
    );
    if (hint !== null) display.say(hint);
    return isStopped ? EXIT.interrupted : (exitCodes[0] ?? exitCode);
  } finally {
    await streams.close(interrupts.signal);
    interrupts.dispose();
  }
}

function abDryRun(outlook: Outlook, { a, b }: Record<ArmName, Arm>): string {
  const ofArm = ({ label, plan }: Arm) => [`arm ${label}:`, ...dryRunLines(plan)];
  return `${[...planLines(outlook), ...ofArm(a), ...ofArm(b)].join("\n")}\n`;
}

function noiseOf(noise: number | null): number | null {
  if (noise !== 0) return noise;
  throw flagError("noise", "--noise: 0 is not a share above 0, e.g. --noise=3%");
}

/** Finds the arm's etcd, and tries its flags on a cluster before anything is measured. */
async function tryArm(cell: PlannedCell, target: SuiteTarget): Promise<void> {
  const open = await target.ready(cell);
  if (cell.serverArgs.length === 0) return;
  try {
    await (await open(() => {})).stop();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw usageError(`--${cell.arm}-args: ${cause.message}`, cause);
  }
}
