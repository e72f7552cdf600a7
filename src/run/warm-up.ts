/**
 * Owns what is sent before the measured load and is in no figure: harmless reads that warm the path,
 * the set-up of what the run needs, and real load that is thrown away. What was sent stands in notes.
 */
import type { OperationSpec, PhaseDoneMessage } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { PhasePurpose } from "./dead-target.ts";
import type { PhaseOrder } from "./phase-runner.ts";

/** Enough calls to open every path and compile the code, bounded in time. */
const PATH_MS = 2_000;
const PATH_PER_CLIENT = 20;
const PATH_LEAST = 1_000;
const PATH_MOST = 20_000;

export interface WarmUpOptions {
  plan: RunPlan;
  operations: readonly OperationSpec[];
  /** Leads all workers through one phase. */
  lead: (order: PhaseOrder, purpose: PhasePurpose) => Promise<PhaseDoneMessage[]>;
  /** What has come of an operation's requests so far. */
  countsOf: (operation: number) => { readonly succeeded: number; readonly failed: number };
  /** Nothing more is to be begun. */
  isOver: () => boolean;
  notes: string[];
}

export class WarmUp {
  readonly #options: WarmUpOptions;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  async warmPath(): Promise<void> {
    const { plan, lead, isOver, notes } = this.#options;
    if (isOver()) return;
    const requests = Math.min(PATH_MOST, Math.max(PATH_LEAST, plan.load.clients * PATH_PER_CLIENT));
    const done = await lead(
      {
        operation: "path",
        requests,
        durationMs: PATH_MS,
        ratePerSec: null,
        isMeasured: false,
      },
      "warm-up",
    );
    notes.push(
      `Before the clock started, ${countStarted(done)} serializable reads of an absent key ` +
        "warmed the connections; they are in no figure.",
    );
  }

  /** Real load that is thrown away. */
  async warmWorkload(): Promise<void> {
    const { plan, operations, lead, isOver, notes } = this.#options;
    const { warmupRequests, warmupMs } = plan.limits;
    if (warmupRequests === null && warmupMs === null) return;
    let discarded = 0;
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
      discarded += countStarted(warmed);
    }
    const where = this.isBehindSetUp
      ? " behind the set-up; etcd's own figures are over them too, since it was measured before"
      : "";
    notes.push(`${discarded} requests of --warmup were sent and discarded${where}.`);
  }

  /** What is set up within the clock is there for the warm-up, as it is for what is measured. */
  get isBehindSetUp(): boolean {
    return this.#options.operations.some(
      ({ setUpRequests, isOutsideClock }) => setUpRequests !== undefined && !isOutsideClock,
    );
  }

  /** What is sent once before the clock starts; its counts stand in a note alone. */
  async setUp(when: "before-warmup" | "behind-warmup"): Promise<void> {
    const { operations, lead, countsOf, isOver, notes } = this.#options;
    for (const [operation, spec] of operations.entries()) {
      const { isOutsideClock, isBeforeWarmup = false, setUpRequests } = spec;
      if (isBeforeWarmup !== (when === "before-warmup")) continue;
      if (!isOutsideClock || isOver()) continue;
      await lead(
        {
          operation,
          requests: setUpRequests!,
          durationMs: null,
          ratePerSec: null,
          isMeasured: true,
        },
        "set-up",
      );
      const { succeeded, failed } = countsOf(operation);
      notes.push(
        `Before the clock started, ${succeeded} puts made the keys of the run ready` +
          `${failed > 0 ? `, and ${failed} failed` : ""}; they are in no figure.`,
      );
    }
  }
}

function countStarted(done: readonly PhaseDoneMessage[]): number {
  return done.reduce((total, { started }) => total + started, 0);
}
