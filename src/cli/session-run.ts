/** Owns the measuring of a session's pairs: an etcd and a run for each turn, kept as soon as it is over. */
import { runPairs } from "../ab/run-pairs.ts";
import { compareSession, type Session, type StoredSession, saveRun } from "../ab/session.ts";
import type { Side } from "../ab/sides.ts";
import type { SideName } from "../ab/turns.ts";
import { wholePairs } from "../compare/whole-pairs.ts";
import type { BenchError } from "../errors.ts";
import type { RunResult } from "../result/schema.ts";
import { run } from "../run/run.ts";
import { invalidLine, noiseSoFar, pairLine } from "./ab-words.ts";
import type { Interrupts } from "./interrupts.ts";
import type { ProgressDisplay } from "./progress.ts";
import { planFor, type TargetOpener } from "./target.ts";

/** Of the first pairs, which tell the noise; fewer tell too little. */
const PAIRS_FOR_NOISE = 5;

export class SessionRun {
  readonly session: Session;
  readonly results: Record<SideName, RunResult[]> = { a: [], b: [] };
  readonly #folder: string;
  readonly #sides: Record<SideName, Side>;
  readonly #openers: Record<SideName, TargetOpener>;
  readonly #display: ProgressDisplay;
  readonly #interrupts: Interrupts;
  /** Of runs, from the start of their etcd to its end. */
  #spentMs = 0;
  #runs = 0;
  readonly #toldInvalid = new Set<SideName>();

  constructor(
    session: Session,
    folder: string,
    sides: Record<SideName, Side>,
    openers: Record<SideName, TargetOpener>,
    display: ProgressDisplay,
    interrupts: Interrupts,
  ) {
    this.session = session;
    this.#folder = folder;
    this.#sides = sides;
    this.#openers = openers;
    this.#display = display;
    this.#interrupts = interrupts;
  }

  /** Measures what is missing of the session; resolves to what kept it from its end. */
  carryOut(stored: StoredSession | null): Promise<BenchError | null> {
    const { pairs, warmupPairs, isAFirst } = this.session;
    this.results.a.push(...(stored?.results.a ?? []));
    this.results.b.push(...(stored?.results.b ?? []));
    const all = [...this.results.a, ...this.results.b];
    const lastPair = Math.max(0, ...all.map(({ plan }) => Number(plan.labels.pair)));
    const done = wholePairs(this.results.a, this.results.b).pairs;
    if (stored !== null) this.#display.say(`there already: ${done} of ${pairs} pairs`);
    return runPairs(
      { pairs, done, warmupPairs, isAFirst, nextPair: lastPair + 1 },
      {
        measure: (side, pair) => this.#measure(side, pair),
        onPair: (count) => this.#tellPair(count),
        stop: this.#interrupts.signal,
      },
    );
  }

  async #measure(side: SideName, pair: number | null): Promise<void> {
    const { display, stop } = { display: this.#display, stop: this.#interrupts.signal };
    const beganMs = performance.now();
    const target = await this.#openers[side](() => {});
    try {
      if (stop.aborted) return;
      const controls = { onProgress: display.update, stop, target };
      const result = await run(planFor(this.#planOf(side, pair), target), controls).finally(
        display.end,
      );
      if (hasNothing(result)) return;
      this.#tellInvalid(side, result);
      if (pair === null) return;
      this.results[side].push(result);
      await saveRun(this.#folder, side, result);
    } finally {
      await target.stop();
      this.#spentMs += performance.now() - beganMs;
      this.#runs++;
    }
  }

  #planOf(side: SideName, pair: number | null): Side["plan"] {
    const { plan } = this.#sides[side];
    if (pair === null) return plan;
    const own = { session: this.session.id, side, pair: String(pair) };
    return { ...plan, labels: { ...plan.labels, ...own } };
  }

  #tellPair(done: number): void {
    const { pairs } = this.session;
    const last = { a: this.results.a.at(-1)!, b: this.results.b.at(-1)! };
    const leftMs = ((pairs - done) * 2 * this.#spentMs) / this.#runs;
    this.#display.say(pairLine(done, pairs, last, leftMs));
    if (done !== PAIRS_FOR_NOISE || done === pairs) return;
    const soFar = compareSession(this.session, this.results);
    for (const line of noiseSoFar(soFar, pairs)) this.#display.say(line);
  }

  #tellInvalid(side: SideName, result: RunResult): void {
    const line = invalidLine(side, result);
    if (line === null || this.#toldInvalid.has(side)) return;
    this.#toldInvalid.add(side);
    this.#display.say(line);
  }
}

/** It was interrupted before its first request. */
function hasNothing({ status, operations }: RunResult): boolean {
  return status === "interrupted" && operations.every(({ requests }) => requests.started === 0);
}
