/** Gathers the pauses of all threads of one run, and puts those of the same time together. */
import type { Pause, PauseCause } from "../load/pause-watch.ts";
import { type PausesResult, pausedMsWithin, workerPauses } from "../result/pauses.ts";
import type { OperationResult } from "../result/schema.ts";

const MOST_LISTED = 100;
/** Of which the longer half is kept where there would be more. */
const MOST_KEPT = 2_000;
/** A pause of all threads is reported by each within this many others. */
const LOOK_BACK = 64;

interface Entry {
  startNs: number;
  endNs: number;
  workers: Set<number>;
  /** Names of the agents that have them. */
  agents: Set<string>;
  isOfMain: boolean;
  cause: PauseCause;
}

export class PauseLog {
  #entries: Entry[] = [];
  #forgotten = { count: 0, totalNs: 0 };

  /** @param worker null for the main thread @param agent the name of the one that has the worker */
  add({ startNs, durationNs, cause }: Pause, worker: number | null, agent?: string): void {
    let added: Entry = {
      startNs,
      endNs: startNs + durationNs,
      workers: new Set(worker === null ? [] : [worker]),
      agents: new Set(agent === undefined ? [] : [agent]),
      isOfMain: worker === null,
      cause,
    };
    for (const known of this.#entries.slice(-LOOK_BACK)) {
      if (known.endNs < added.startNs || added.endNs < known.startNs) continue;
      added = joined(added, known);
      this.#entries.splice(this.#entries.indexOf(known), 1);
    }
    this.#entries.push(added);
    if (this.#entries.length > MOST_KEPT) this.#forgetShorterHalf();
  }

  /** `measuredSeconds`: of all slices. */
  result(originNs: number, measuredSeconds: number): PausesResult {
    const ofWorkers = this.#entries.filter(({ workers }) => workers.size > 0);
    const totalNs = sumNs(ofWorkers) + this.#forgotten.totalNs;
    const ofMain = this.#entries.filter(({ workers }) => workers.size === 0);
    return {
      count: ofWorkers.length + this.#forgotten.count,
      totalMs: rounded(totalNs / 1e6),
      longestMs: rounded(Math.max(0, ...ofWorkers.map(lengthNs)) / 1e6),
      percent: measuredSeconds > 0 ? rounded(totalNs / 1e7 / measuredSeconds) : null,
      mainThreadCount: ofMain.length,
      mainThreadTotalMs: rounded(sumNs(ofMain) / 1e6),
      longest: this.#longest(MOST_LISTED)
        .sort((a, b) => a.startNs - b.startNs)
        .map((entry) => ({
          startSeconds: rounded((entry.startNs - originNs) / 1e9),
          durationMs: rounded(lengthNs(entry) / 1e6),
          workers: entry.workers.size,
          ...(entry.agents.size > 0 && { agents: [...entry.agents] }),
          isOfMainThread: entry.isOfMain,
          cause: entry.cause,
        })),
    };
  }

  #longest(most: number): Entry[] {
    return this.#entries.toSorted((a, b) => lengthNs(b) - lengthNs(a)).slice(0, most);
  }

  #forgetShorterHalf(): void {
    const kept = new Set(this.#longest(MOST_KEPT / 2));
    const shorter = this.#entries.filter((entry) => !kept.has(entry) && entry.workers.size > 0);
    this.#forgotten.count += shorter.length;
    this.#forgotten.totalNs += sumNs(shorter);
    this.#entries = this.#entries.filter((entry) => kept.has(entry));
  }
}

/** Writes into each interval for how long workers paused in it. */
export function markPauses(operations: readonly OperationResult[], pauses: PausesResult): void {
  const ofWorkers = workerPauses(pauses);
  if (ofWorkers.length === 0) return;
  for (const interval of operations.flatMap(({ intervals }) => intervals)) {
    const { startSeconds, durationSeconds } = interval;
    const pausedMs = pausedMsWithin(ofWorkers, startSeconds, startSeconds + durationSeconds);
    if (pausedMs > 0) interval.clientPausedMs = rounded(pausedMs);
  }
}

/** The main thread sends nothing: where workers paused too, the pause is as long as theirs. */
function joined(added: Entry, known: Entry): Entry {
  const both = [added, known];
  const ofWorkers = both.filter(({ workers }) => workers.size > 0);
  const spans = ofWorkers.length === 0 ? both : ofWorkers;
  const longest = spans.reduce((one, other) => (lengthNs(other) >= lengthNs(one) ? other : one));
  return {
    startNs: Math.min(...spans.map(({ startNs }) => startNs)),
    endNs: Math.max(...spans.map(({ endNs }) => endNs)),
    workers: new Set(both.flatMap(({ workers }) => [...workers])),
    agents: new Set(both.flatMap(({ agents }) => [...agents])),
    isOfMain: added.isOfMain || known.isOfMain,
    cause: longest.cause,
  };
}

function lengthNs({ startNs, endNs }: Entry): number {
  return endNs - startNs;
}

function sumNs(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + lengthNs(entry), 0);
}

/** To microseconds, for the size of the file. */
function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}
