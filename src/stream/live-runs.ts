/** Keeps what a page shows of the runs of a command while they go on. */
import type { LiveRuns } from "../report/html/live-page.ts";
import type { RunResult } from "../result/schema.ts";
import type { ObservedRun, RunObserver } from "../run/observer.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";

export class LiveRunsKeeper implements RunObserver {
  readonly #onChange: () => void;
  #results: readonly RunResult[] = [];
  #underWay: ObservedRun | null = null;
  #isOver = false;
  #isDue = false;

  /** @param onChange called after each second and event, in a turn of the event loop of its own */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  onStart(run: ObservedRun): void {
    this.#underWay = run;
    this.#changed();
  }

  onClient(): void {
    this.#changed();
  }

  onEvent(): void {
    this.#changed();
  }

  onEnd(result: RunResult): void {
    this.#underWay = null;
    this.#results = [...this.#results, dataWithoutSecrets(result)];
    this.#changed();
  }

  /** No run follows; these are the results, as they are saved and printed. None: there are none. */
  finish(results: readonly RunResult[]): void {
    this.#underWay = null;
    this.#results = results;
    this.#isOver = true;
  }

  get runs(): LiveRuns {
    return {
      results: this.#results,
      underWay: this.#underWay === null ? null : dataWithoutSecrets(this.#underWay.soFar()),
      isOver: this.#isOver,
    };
  }

  /** Those who report do not wait for what is made of it. */
  #changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#onChange();
    });
  }
}
