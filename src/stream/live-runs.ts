/** Keeps what a page shows of the runs of a command while they go on. */
import type { LiveReport, LiveRuns } from "../report/html/live-page.ts";
import type { RunResult } from "../result/schema.ts";
import type { ObservedRun, RunObserver } from "../run/observer.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";

/** The page shows so many of the runs that are over: a session may have hundreds. */
const MOST_SHOWN = 20;

export class LiveRunsKeeper implements RunObserver {
  readonly #onChange: () => void;
  #results: readonly RunResult[] = [];
  #underWay: ObservedRun | null = null;
  #runsDone = 0;
  #report: LiveReport | null = null;
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
    this.#runsDone += 1;
    this.#results = [...this.#results, dataWithoutSecrets(result)].slice(-MOST_SHOWN);
    this.#changed();
  }

  /** No run follows, and this came of them, as it is saved and printed. */
  finish(report: LiveReport): void {
    this.#underWay = null;
    this.#report = report;
  }

  get runs(): LiveRuns {
    return {
      results: this.#results,
      runsDone: this.#runsDone,
      underWay: this.#underWay === null ? null : dataWithoutSecrets(this.#underWay.soFar()),
      report: this.#report,
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
