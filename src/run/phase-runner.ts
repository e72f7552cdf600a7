/**
 * Leads the workers through phases, one after another: the time at which all start, the effect of
 * Ctrl-C on the phase under way, and how much each worker has begun of each operation.
 */
import { sharedNowNs } from "../clock.ts";
import type { PhaseCommand, PhaseCounts, PhaseDoneMessage } from "../load/messages.ts";
import type { LoadPool } from "./load-pool.ts";

/** After the first Ctrl-C answers may still come for this long. */
const LONGEST_DRAIN_MS = 5_000;

export type PhaseOrder = Omit<PhaseCommand, "type" | "id" | "startNs">;

export interface PhaseRunnerOptions {
  pool: LoadPool;
  workers: number;
  timeoutMs: number;
  stop: AbortSignal | undefined;
  /** The user stopped a measured phase. */
  onDrain: () => void;
}

export class PhaseRunner {
  /** By operation and phase, what each worker began; null where a phase broke and that is unknown. */
  readonly started = new Map<number, number[][] | null>();
  /** By operation, what came of its phases of which snapshots tell nothing. */
  readonly unmeasured = new Map<number, PhaseCounts[]>();
  readonly #options: PhaseRunnerOptions;
  #nextPhaseId = 0;

  constructor(options: PhaseRunnerOptions) {
    this.#options = options;
  }

  /** Resolves when every worker has ended it. @throws Error where a worker broke */
  async run(
    phase: PhaseOrder,
    startNs = sharedNowNs() + this.#options.pool.startDelayNs,
  ): Promise<PhaseDoneMessage[]> {
    const { pool, timeoutMs, stop, onDrain } = this.#options;
    const onStop = () => {
      if (phase.isMeasured) onDrain();
      pool.stop(Math.min(LONGEST_DRAIN_MS, timeoutMs));
    };
    stop?.addEventListener("abort", onStop, { once: true });
    try {
      const id = this.#nextPhaseId++;
      const done = await pool.runPhase({ type: "phase", id, startNs, ...phase });
      if (phase.operation !== "path") this.#noteStarted(phase.operation, done);
      return done;
    } catch (error) {
      if (phase.operation !== "path") this.started.set(phase.operation, null);
      throw error;
    } finally {
      stop?.removeEventListener("abort", onStop);
    }
  }

  get hasUnmeasuredFailures(): boolean {
    return [...this.unmeasured.values()].flat().some(({ failed }) => failed > 0);
  }

  #noteStarted(operation: number, done: readonly PhaseDoneMessage[]): void {
    const phases = this.started.get(operation) ?? [];
    if (this.started.get(operation) === null) return;
    const counts = new Array<number>(this.#options.workers).fill(0);
    for (const { workerIndex, started } of done) counts[workerIndex] = started;
    this.started.set(operation, [...phases, counts]);
    const unmeasured = done.flatMap((each) => each.unmeasured ?? []);
    this.unmeasured.set(operation, [...(this.unmeasured.get(operation) ?? []), ...unmeasured]);
  }
}
