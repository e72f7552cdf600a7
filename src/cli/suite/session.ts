/**
 * Owns carrying out the runs of a suite, one after another: each is kept as soon as it has ended,
 * one that cannot be measured does not end the others, and Ctrl-C ends all behind the one under way.
 */
import { BenchError, EXIT } from "../../errors.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { describeEstimate } from "../../suite/estimate.ts";
import type { PlacedRun } from "../../suite/runs.ts";
import { type CarriedOut, carryOut } from "../carry-out.ts";
import { reportFailure } from "../failure.ts";
import type { Interrupts } from "../interrupts.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import { planFor, type Target } from "../measure/target.ts";
import type { PlannedCell } from "./plans.ts";
import type { SuiteTimes } from "./progress.ts";
import { SuiteTarget } from "./target.ts";

export interface SuiteSessionOptions {
  /** As their results are labelled. */
  suite: string;
  env: NodeJS.ProcessEnv;
  display: ProgressDisplay;
  interrupts: Interrupts;
  /** Of runs that were done before, by their place in the order. */
  done?: ReadonlyMap<number, RunResult[]>;
  /** Estimates what is left, and learns from each run. */
  times: SuiteTimes;
  /** Puts the results away; where that fails, the suite ends. */
  keep?: (at: number, results: RunResult[]) => Promise<void>;
}

export interface SuiteOutcome {
  /** Of each run that has any, in the order of cells and repeats. */
  results: RunResult[];
  /** Of the failures that have no result. */
  exitCodes: number[];
  /** Runs without a whole result that was kept. */
  missing: number;
}

export async function runSuiteSession(
  runs: readonly PlacedRun<PlannedCell>[],
  options: SuiteSessionOptions,
): Promise<SuiteOutcome> {
  const { display, interrupts, done = new Map(), keep } = options;
  const target = new SuiteTarget(options.env, display.say);
  const byRun = new Map<number, RunResult[]>(done);
  const exitCodes: number[] = [];
  const lost = new Set<number>();
  const told = new Set<string>();
  try {
    for (const [at, run] of runs.entries()) {
      if (done.has(at)) continue;
      if (interrupts.signal.aborted) break;
      display.say(headline(at, runs, options));
      const beganMs = performance.now();
      for (const note of run.cell.notes.filter((text) => !told.has(text))) {
        told.add(note);
        display.say(`note: ${note}`);
      }
      try {
        const measured = await measureRun(run, await target.for(run.cell), options);
        if (measured === null) break;
        const { results, failure } = measured;
        byRun.set(at, results);
        if (failure !== null) exitCodes.push(reportFailure(named(failure, run.cell.name)));
        // An etcd of ours that died in one run is not there for the next.
        if (results.some(({ status }) => status === "failed")) await target.close();
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        exitCodes.push(reportFailure(named(error, run.cell.name)));
        await target.close();
        const isOthers = run.cell.plan.target.local === null;
        if (isOthers && error.exitCode === EXIT.unreachable) break;
        continue;
      }
      try {
        await keep?.(at, byRun.get(at)!);
        options.times.ended(at, performance.now() - beganMs, measuredMs(byRun.get(at)!));
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        exitCodes.push(reportFailure(new BenchError(error.message, EXIT.failed, { cause: error })));
        lost.add(at);
        break;
      }
    }
  } finally {
    await target.close();
  }
  const whole = (results: RunResult[] | undefined) =>
    results?.every(({ status }) => status !== "interrupted") ?? false;
  const order = runs.map((run, at) => ({ run, results: byRun.get(at) }));
  return {
    results: order
      .toSorted((a, b) => a.run.cell.index - b.run.cell.index || a.run.repeat - b.run.repeat)
      .flatMap(({ results }) => results ?? []),
    exitCodes,
    missing: order.filter(({ results }, at) => lost.has(at) || !whole(results)).length,
  };
}

/** Null where the person interrupted what comes before the measurement. */
async function measureRun(
  { cell, repeat }: PlacedRun<PlannedCell>,
  target: Target,
  { suite, display, interrupts }: SuiteSessionOptions,
): Promise<CarriedOut | null> {
  interrupts.runBegins();
  const measure = (plan: RunPlan) =>
    carryOut(planFor(plan, target), {
      onProgress: display.update,
      say: display.say,
      stop: interrupts.signal,
      target,
    }).finally(display.end);
  for (const plan of cell.preparePlans) {
    const { results } = await measure(plan);
    if (interrupts.signal.aborted) return null;
    const bad = results.find(
      ({ status, verdict }) => status !== "complete" || verdict.kind === "errors",
    );
    if (bad !== undefined) {
      throw new BenchError(
        `what comes before the run went wrong: ${bad.verdict.reasons.join("; ")}`,
        EXIT.failed,
      );
    }
  }
  if (interrupts.signal.aborted) return null;
  const labels = { suite, cell: cell.name, repeat: String(repeat), ...cell.plan.labels };
  return measure({ ...cell.plan, labels });
}

/** As the estimate of a run counts it: measured phases and warm-ups. */
function measuredMs(results: readonly RunResult[]): number {
  const ofRun = ({ durationSeconds, plan }: RunResult) =>
    durationSeconds * 1000 + (plan.limits.warmupMs ?? 0);
  return results.reduce((sum, result) => sum + ofRun(result), 0);
}

function headline(
  at: number,
  runs: readonly PlacedRun<PlannedCell>[],
  { times, done }: SuiteSessionOptions,
): string {
  const { cell, repeat } = runs[at]!;
  const nth = cell.repeats > 1 ? `, ${repeat} of ${cell.repeats}` : "";
  const ahead = times.from(at, done);
  const left = ahead.unknownRuns > 0 ? "" : ` (${describeEstimate(ahead)} to go)`;
  return `run ${at + 1} of ${runs.length}: ${cell.name}${nth}${left}`;
}

function named(error: BenchError, cell: string): BenchError {
  return new BenchError(`${cell}: ${error.message}`, error.exitCode, { cause: error });
}
