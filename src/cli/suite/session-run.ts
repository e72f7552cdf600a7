/** Owns the measuring of a session's pairs: an etcd and a run for each turn, kept as soon as it is over. */
import { runPairs } from "../../ab/run-pairs.ts";
import { compareSession, type Session, type StoredSession, saveRun } from "../../ab/session.ts";
import type { SESSION_LABELS, Side } from "../../ab/sides.ts";
import type { SideName } from "../../ab/turns.ts";
import { wholePairs } from "../../compare/whole-pairs.ts";
import type { BenchError } from "../../errors.ts";
import type { RunResult } from "../../result/schema.ts";
import { run } from "../../run/run.ts";
import { gatesLine, invalidLine, noiseSoFar, type Outlook, pairLine } from "../ab/ab-words.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import { planFor, type TargetOpener } from "../measure/target.ts";
import { collectFailure } from "../output/outputs.ts";

/** Of the first pairs, which tell the noise; fewer tell too little. */
const PAIRS_FOR_NOISE = 5;

export interface SessionSurroundings {
  folder: string;
  sides: Record<SideName, Side>;
  openers: Record<SideName, TargetOpener>;
  display: ProgressDisplay;
  outlook: Outlook;
  stop: AbortSignal;
}

export class SessionRun {
  readonly session: Session;
  readonly results: Record<SideName, RunResult[]> = { a: [], b: [] };
  readonly #around: SessionSurroundings;
  /** Of runs, from the start of their etcd to its end. */
  #spentMs = 0;
  #runs = 0;
  readonly #toldInvalid = new Set<SideName>();

  constructor(session: Session, around: SessionSurroundings) {
    this.session = session;
    this.#around = around;
  }

  /** Measures what is missing of the session; resolves to what kept it from its end. */
  carryOut(stored: StoredSession | null): Promise<BenchError | null> {
    const { pairs, warmupPairs, isAFirst } = this.session;
    this.results.a.push(...(stored?.results.a ?? []));
    this.results.b.push(...(stored?.results.b ?? []));
    const all = [...this.results.a, ...this.results.b];
    const lastPair = Math.max(0, ...all.map(({ plan }) => Number(plan.labels.pair)));
    const done = wholePairs(this.results.a, this.results.b).pairs;
    if (stored !== null) this.#around.display.say(`there already: ${done} of ${pairs} pairs`);
    return runPairs(
      { pairs, done, warmupPairs, isAFirst, nextPair: lastPair + 1 },
      {
        measure: (side, pair) => this.#measure(side, pair),
        onPair: (count) => this.#tellPair(count),
        stop: this.#around.stop,
      },
    );
  }

  async #measure(side: SideName, pair: number | null): Promise<void> {
    const { display, folder, openers, stop } = this.#around;
    const beganMs = performance.now();
    const target = await openers[side](() => {});
    try {
      if (stop.aborted) return;
      const controls = { onProgress: display.update, stop, target };
      const result = await run(planFor(this.#planOf(side, pair), target), controls).finally(
        display.end,
      );
      if (hasNothing(result)) return;
      this.#tellInvalid(side, result);
      if (pair === null) return;
      // What could not be kept is not judged either: the folder gives the same verdict.
      const failure = await collectFailure(async () => {
        await saveRun(folder, side, result);
      });
      if (failure !== null) throw failure;
      this.results[side].push(result);
    } finally {
      await target.stop();
      this.#spentMs += performance.now() - beganMs;
      this.#runs++;
    }
  }

  #planOf(side: SideName, pair: number | null): Side["plan"] {
    const { plan } = this.#around.sides[side];
    if (pair === null) return plan;
    const { id, isCanary } = this.session;
    const own: Partial<Record<(typeof SESSION_LABELS)[number], string>> = {
      session: id,
      side,
      pair: String(pair),
      ...(isCanary ? { canary: "true" } : {}),
    };
    return { ...plan, labels: { ...plan.labels, ...own } };
  }

  #tellPair(done: number): void {
    const { pairs } = this.session;
    const last = { a: this.results.a.at(-1)!, b: this.results.b.at(-1)! };
    const leftMs = ((pairs - done) * 2 * this.#spentMs) / this.#runs;
    const { display, outlook } = this.#around;
    display.say(pairLine(done, pairs, last, leftMs));
    const isFirst = done === 1;
    const tellsNoise = done === PAIRS_FOR_NOISE && done < pairs;
    if (!isFirst && !tellsNoise) return;
    const soFar = compareSession(this.session, this.results);
    if (isFirst) {
      const line = gatesLine(soFar, outlook);
      if (line !== null) display.say(line);
    }
    for (const line of tellsNoise ? noiseSoFar(soFar, pairs) : []) display.say(line);
  }

  #tellInvalid(side: SideName, result: RunResult): void {
    const line = invalidLine(side, result);
    if (line === null || this.#toldInvalid.has(side)) return;
    this.#toldInvalid.add(side);
    this.#around.display.say(line);
  }
}

/** It was interrupted before its first request. */
function hasNothing({ status, operations }: RunResult): boolean {
  return status === "interrupted" && operations.every(({ requests }) => requests.started === 0);
}
