/**
 * Carries out the runs of a suite, one after another. Each result is kept as soon as its run has
 * ended, a run that cannot be measured does not end the others, and Ctrl-C ends the suite after the
 * run under way. `bench ab` is such a suite, of one cell in two arms.
 */
import { BenchError, EXIT } from "../../errors.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { RunResult } from "../../result/schema.ts";
import type { Workforce } from "../../run/load-pool.ts";
import type { RunObserver } from "../../run/observer.ts";
import type { RunControls } from "../../run/progress.ts";
import { SeenMembers } from "../../run/seen-members.ts";
import { isDone } from "../../saved/suite-folder.ts";
import type { PlacedRun } from "../../suite/runs.ts";
import { type CarriedOut, carryOut } from "../carry-out.ts";
import { reportFailure } from "../failure.ts";
import type { Interrupts } from "../interrupts.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import { planFor, type Target } from "../measure/target.ts";
import { ofCell } from "./cell-errors.ts";
import type { PlannedCell } from "./plans.ts";
import type { SuiteTimes } from "./progress.ts";
import type { SuiteTarget } from "./target.ts";

export type PlannedRun = PlacedRun<PlannedCell>;

export interface SuiteSessionOptions {
  display: ProgressDisplay;
  interrupts: Interrupts;
  /** See the runs of the suite, without those that come before one. */
  observers?: readonly RunObserver[];
  /** Closed at the end. */
  target: SuiteTarget;
  /** The workers that send the load of all runs, without what comes before them; absent: this process does. */
  workforce?: Workforce;
  /** Measured first, and thrown away. */
  warmup?: readonly PlannedRun[];
  /** The results of runs that were done before, by their place in the order. */
  done: ReadonlyMap<number, RunResult[]>;
  /** Estimates what is left, and learns from each run. */
  times: SuiteTimes;
  /** Whether the first run that cannot be measured ends the suite. */
  endsAtFailure?: boolean;
  /** In addition to those of the plan, none of which has their names. */
  labelsOf(run: PlannedRun): Record<string, string>;
  /** Saves the results; a BenchError ends the suite. */
  keep?(at: number, results: RunResult[]): Promise<void>;
  onRunBegins?(at: number): void;
  /** Before the results are kept; of warm-up runs too. */
  onMeasured?(run: PlannedRun, results: readonly RunResult[]): void;
  onKept?(at: number, results: readonly RunResult[]): void;
}

export interface SuiteOutcome {
  /** Of each run that has any, in the order of cells and repeats. */
  results: RunResult[];
  /** Of the failures that have no result. */
  exitCodes: number[];
  /** Runs without a complete result that was kept. */
  missing: number;
}

export async function runSuiteSession(
  runs: readonly PlannedRun[],
  options: SuiteSessionOptions,
): Promise<SuiteOutcome> {
  const session = new SuiteSession(runs, options);
  try {
    await session.carryOut();
  } finally {
    await options.target.close();
  }
  return session.outcome();
}

class SuiteSession {
  readonly #runs: readonly PlannedRun[];
  readonly #options: SuiteSessionOptions;
  readonly #byRun: Map<number, RunResult[]>;
  readonly #exitCodes: number[] = [];
  /** Runs whose results could not be saved. */
  readonly #lost = new Set<number>();
  readonly #saidNotes = new Set<string>();
  /** Of the runs that are kept: what others see is in no result. */
  readonly #seen: SeenMembers;

  constructor(runs: readonly PlannedRun[], options: SuiteSessionOptions) {
    this.#runs = runs;
    this.#options = options;
    this.#byRun = new Map(options.done);
    this.#seen = new SeenMembers([...options.done.values()].flat());
  }

  async carryOut(): Promise<void> {
    const { done, interrupts, warmup = [], onRunBegins, onKept, times } = this.#options;
    for (const run of warmup) {
      if (interrupts.signal.aborted || (await this.#attempt(run, {})) === "end") return;
    }
    for (const [at, run] of this.#runs.entries()) {
      if (done.has(at)) continue;
      if (interrupts.signal.aborted) return;
      onRunBegins?.(at);
      const beganMs = performance.now();
      const results = await this.#attempt(run, { seen: this.#seen });
      if (results === "end") return;
      if (results === "failed") continue;
      this.#byRun.set(at, results);
      if (!(await this.#keep(at, results))) return;
      times.ended(at, performance.now() - beganMs, measuredMs(results));
      onKept?.(at, results);
    }
  }

  /** The results; or that there are none, and whether the suite goes on. */
  async #attempt(
    run: PlannedRun,
    kept: Pick<RunControls, "seen">,
  ): Promise<RunResult[] | "failed" | "end"> {
    const { target, endsAtFailure, onMeasured } = this.#options;
    const { cell } = run;
    this.#sayNotes(cell);
    try {
      const measured = await this.#measure(run, await target.for(cell), kept);
      if (measured === null) return "end";
      const { results, failure } = measured;
      if (failure !== null) this.#exitCodes.push(reportFailure(ofCell(failure, cell)));
      // A cluster of ours that died in one run is not there for the next.
      if (results.some(({ status }) => status === "failed")) await target.close();
      onMeasured?.(run, results);
      return results;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      this.#exitCodes.push(reportFailure(ofCell(error, cell)));
      await target.close();
      const isGone = cell.plan.target.local === null && error.exitCode === EXIT.unreachable;
      // Agents that are gone are so for all runs that follow.
      const isLast = endsAtFailure || isGone || error.exitCode === EXIT.interrupted;
      return isLast ? "end" : "failed";
    }
  }

  /** Null where the user interrupted what comes before the measurement. */
  async #measure(
    run: PlannedRun,
    target: Target,
    kept: Pick<RunControls, "seen">,
  ): Promise<CarriedOut | null> {
    const { display, interrupts, labelsOf } = this.#options;
    const { cell } = run;
    interrupts.runBegins();
    const measure = (
      plan: RunPlan,
      own: Pick<RunControls, "observers" | "workforce" | "seen"> = {},
    ) =>
      carryOut(planFor(plan, target), {
        ...own,
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
    const labels = { ...labelsOf(run), ...cell.plan.labels };
    const { observers = [], workforce } = this.#options;
    return measure(
      { ...cell.plan, labels },
      { ...kept, observers, ...(workforce && { workforce }) },
    );
  }

  /** Whether the suite goes on. */
  async #keep(at: number, results: RunResult[]): Promise<boolean> {
    try {
      await this.#options.keep?.(at, results);
      return true;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      const failure = new BenchError(error.message, EXIT.failed, { cause: error });
      this.#exitCodes.push(reportFailure(failure));
      this.#lost.add(at);
      return false;
    }
  }

  /** Each note once, before the first run that it is about. */
  #sayNotes({ notes }: PlannedCell): void {
    for (const note of notes) {
      if (this.#saidNotes.has(note)) continue;
      this.#saidNotes.add(note);
      this.#options.display.say(`note: ${note}`);
    }
  }

  outcome(): SuiteOutcome {
    const order = this.#runs.map((run, at) => ({ run, at, results: this.#byRun.get(at) }));
    const isMissing = ({ at, results }: (typeof order)[number]) =>
      this.#lost.has(at) || results === undefined || !isDone(results);
    return {
      results: order
        .toSorted((a, b) => a.run.cell.index - b.run.cell.index || a.run.repeat - b.run.repeat)
        .flatMap(({ results }) => results ?? []),
      exitCodes: this.#exitCodes,
      missing: order.filter(isMissing).length,
    };
  }
}

/** As the estimate of a run counts it: measured phases and warm-ups. */
function measuredMs(results: readonly RunResult[]): number {
  const ofRun = ({ durationSeconds, plan }: RunResult) =>
    durationSeconds * 1000 + (plan.limits.warmupMs ?? 0);
  return results.reduce((sum, result) => sum + ofRun(result), 0);
}
