/**
 * Sends what comes before the measured load and is in no figure: harmless reads that warm the path,
 * the set-up of what the run needs, and real load that is thrown away. Notes say what was sent; where
 * the set-up fails, or all of a warm-up, so does the run.
 */
import { BenchError, EXIT } from "../errors.ts";
import { isDeniedRequest, setUpFailure } from "../etcd/set-up-failure.ts";
import type { OperationSpec, PhaseCounts, PhaseDoneMessage } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { type ErrorCount, errorCounts } from "../stats/distinct-counts.ts";
import { formatNoun } from "../text/noun.ts";
import type { PhaseOrder } from "./phase-runner.ts";
import type { PhasePurpose } from "./target-watchdog.ts";

/** Enough calls to open every path and compile the code, bounded in time and by what is measured. */
const PATH_MS = 2_000;
const PATH_PER_CLIENT = 20;
const PATH_LEAST = 1_000;
const PATH_MOST = 20_000;
/** However short the run: its first requests are not slow because the code is new. */
const PATH_LEAST_OF_ALL = 20;

const NOT_READY = "the keys of the run could not be made ready";

/** At most as many reads as there are requests to measure, but one of each client and connection. */
export function pathReads({ load, limits }: Pick<RunPlan, "load" | "limits">): number {
  const enough = Math.min(PATH_MOST, Math.max(PATH_LEAST, load.clients * PATH_PER_CLIENT));
  if (limits.totalRequests === null) return enough;
  const { clients, connections } = load;
  const least = Math.max(PATH_LEAST_OF_ALL, clients, connections);
  return Math.min(enough, Math.max(least, limits.totalRequests));
}

export interface WarmUpOptions {
  plan: RunPlan;
  operations: readonly OperationSpec[];
  /** Leads all workers through one phase. */
  lead: (order: PhaseOrder, purpose: PhasePurpose) => Promise<PhaseDoneMessage[]>;
  /** Nothing more is to be begun. */
  isOver: () => boolean;
  notes: string[];
}

export class WarmUp {
  readonly #options: WarmUpOptions;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  /** @throws BenchError with etcd's reason where no read succeeded */
  async warmPath(): Promise<void> {
    const { plan, lead, isOver, notes } = this.#options;
    if (isOver()) return;
    const done = await lead(
      {
        operation: "path",
        requests: pathReads(plan),
        durationMs: PATH_MS,
        ratePerSec: null,
        isMeasured: false,
      },
      "warm-up",
    );
    if (isOver()) return;
    const counts = sumOf(done);
    const denied = counts.errors.filter(({ code, message }) =>
      isDeniedRequest({ codeName: code, details: message }),
    );
    // A user who may not read this key has warmed the connections all the same.
    const failed = counts.failed - countOf(denied);
    const errors = counts.errors.filter((error) => !denied.includes(error));
    if (failed > 0 && failed === counts.failed + counts.succeeded) {
      throw requestsFailed("the connections could not be warmed", failed, failed, "reads", errors);
    }
    notes.push(
      `Before the clock started, ${countStarted(done)} serializable reads of an absent key ` +
        `warmed the connections; they are in no figure.${failureNote(failed, errors)}`,
    );
  }

  /** Real load that is thrown away. @throws BenchError with etcd's reason where all of it failed */
  async warmWorkload(): Promise<void> {
    const { plan, operations, lead, isOver, notes } = this.#options;
    const { warmupRequests, warmupMs } = plan.limits;
    if (warmupRequests === null && warmupMs === null) return;
    let discarded = 0;
    let failed = 0;
    const errors = errorCounts();
    for (const [operation, { setUpRequests }] of operations.entries()) {
      if (isOver()) return;
      if (setUpRequests !== undefined) continue;
      const warmed = await lead(
        {
          operation,
          requests: warmupRequests,
          durationMs: warmupMs,
          ratePerSec: plan.pacing.ratePerSec,
          isMeasured: false,
        },
        "warm-up",
      );
      if (isOver()) return;
      discarded += countStarted(warmed);
      const counts = sumOf(warmed);
      const all = counts.succeeded + counts.failed;
      if (counts.failed > 0 && counts.succeeded === 0) {
        throw requestsFailed("the warm-up failed", all, all, "requests", counts.errors);
      }
      failed += counts.failed;
      for (const error of counts.errors) errors.add(error);
    }
    const where = this.isAfterSetUp
      ? " after the set-up; etcd's own figures are over them too, since it was measured before"
      : "";
    notes.push(
      `${formatNoun(discarded, "request of --warmup was", "requests of --warmup were")} sent and discarded${where}.${failureNote(failed, errors.result())}`,
    );
  }

  /** What is set up within the clock is there for the warm-up, as it is for what is measured. */
  get isAfterSetUp(): boolean {
    return this.#options.operations.some(
      ({ setUpRequests, isOutsideClock }) => setUpRequests !== undefined && !isOutsideClock,
    );
  }

  /**
   * What is sent once before the clock starts; a note has its counts.
   * @throws BenchError with etcd's reason where one of its requests failed
   */
  async setUp(when: "before-warmup" | "after-warmup"): Promise<void> {
    const { operations, lead, isOver, notes } = this.#options;
    for (const [operation, spec] of operations.entries()) {
      const { isOutsideClock, isBeforeWarmup = false, setUpRequests } = spec;
      if (isBeforeWarmup !== (when === "before-warmup")) continue;
      if (!isOutsideClock || isOver()) continue;
      const done = await lead(
        {
          operation,
          requests: setUpRequests!,
          durationMs: null,
          ratePerSec: null,
          isMeasured: false,
        },
        "set-up",
      );
      if (isOver()) return;
      const { succeeded, failed, errors } = sumOf(done);
      if (failed > 0) throw requestsFailed(NOT_READY, failed, succeeded + failed, "puts", errors);
      const undone = done.reduce((sum, { dropped }) => sum + dropped, 0);
      if (undone > 0) {
        throw new BenchError(
          `${NOT_READY}: ${undone} of ${setUpRequests} puts were left to an agent that was lost`,
          EXIT.failed,
        );
      }
      notes.push(
        `Before the clock started, ${formatNoun(succeeded, "put")} made the keys of the run ready; ` +
          `${succeeded === 1 ? "it is" : "they are"} in no figure.`,
      );
    }
  }
}

/** The first of the errors is the most frequent. */
function requestsFailed(
  what: string,
  failed: number,
  of: number,
  requests: string,
  errors: readonly ErrorCount[],
): BenchError {
  const { code, message } = errors[0] ?? { code: "UNKNOWN", message: "no reason was given" };
  const reason = `${failed} of ${of} ${requests} failed: ${wordsOf(errors)}`;
  return setUpFailure(what, { codeName: code, details: message }, { reason });
}

function failureNote(failed: number, errors: readonly ErrorCount[]): string {
  return failed === 0 ? "" : ` ${failed} of them failed: ${wordsOf(errors)}.`;
}

/** At most this many reasons make a sentence. */
const MOST_REASONS = 3;

function wordsOf(errors: readonly ErrorCount[]): string {
  const known = errors.slice(0, MOST_REASONS).map(({ code, message, count }) => {
    return `${code}: ${message}${errors.length > 1 ? ` (${count} times)` : ""}`;
  });
  return known.join("; ");
}

/** Over all workers; the most frequent error first. */
function sumOf(done: readonly PhaseDoneMessage[]): PhaseCounts {
  const all = done.flatMap(({ unmeasured }) => unmeasured ?? []);
  const errors = errorCounts();
  for (const error of all.flatMap((each) => each.errors)) errors.add(error);
  return {
    succeeded: all.reduce((sum, each) => sum + each.succeeded, 0),
    failed: all.reduce((sum, each) => sum + each.failed, 0),
    errors: errors.result(),
  };
}

function countOf(errors: readonly ErrorCount[]): number {
  return errors.reduce((sum, { count }) => sum + count, 0);
}

function countStarted(done: readonly PhaseDoneMessage[]): number {
  return done.reduce((total, { started }) => total + started, 0);
}
