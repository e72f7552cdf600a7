/** Keeps the runs of `bench ab` as they end, and prints each pair and what the pairs so far show. */
import type { ArmName } from "../../ab/arms.ts";
import { compareArms } from "../../ab/session.ts";
import type { Comparison } from "../../compare/schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { type SuiteManifest, saveSuiteRun } from "../../saved/suite-folder.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import type { SuiteTimes } from "../suite/progress.ts";
import type { PlannedRun } from "../suite/session.ts";
import { gatesLine, invalidLine, noiseSoFar, type Outlook, pairLine } from "./ab-words.ts";

/** Of the first pairs, which show the noise; fewer show too little. */
const PAIRS_FOR_NOISE = 5;

export interface SessionSurroundings {
  folder: string;
  manifest: SuiteManifest;
  display: ProgressDisplay;
  outlook: Outlook;
  times: SuiteTimes;
  /** Runs that were measured before. */
  done: ReadonlyMap<number, RunResult[]>;
}

export class SessionProgress {
  /** All that is kept: the folder gives the same verdict. */
  readonly results: Record<ArmName, RunResult[]> = { a: [], b: [] };
  readonly #around: SessionSurroundings;
  readonly #saidInvalid = new Set<string>();
  #runsDone: number;

  constructor(around: SessionSurroundings) {
    this.#around = around;
    this.#runsDone = around.done.size;
    for (const [at, results] of around.done) this.#armOf(at).push(...results);
  }

  #armOf(at: number): RunResult[] {
    return this.results[this.#around.manifest.runs[at]!.arm === "b" ? "b" : "a"];
  }

  comparison(): Comparison {
    const { comparison, runs } = this.#around.manifest;
    return compareArms({ comparison: comparison!, pairs: runs.length / 2, results: this.results });
  }

  async keep(at: number, results: RunResult[]): Promise<void> {
    if (results.every(hasNothing)) return;
    const { folder, manifest } = this.#around;
    this.#armOf(at).push(...results);
    await saveSuiteRun(folder, manifest.runs[at]!, results);
  }

  /** Prints once for each arm that its runs make the comparison invalid, and once that those before the pairs are. */
  onMeasured({ cell }: PlannedRun, [result]: readonly RunResult[], isJudged: boolean): void {
    const arm = cell.arm!;
    const line = result === undefined ? null : invalidLine(arm, result, isJudged);
    const said = `${arm} ${isJudged}`;
    if (line === null || this.#saidInvalid.has(said)) return;
    this.#saidInvalid.add(said);
    this.#around.display.say(line);
  }

  onKept(at: number, [result]: readonly RunResult[]): void {
    if (result?.status === "interrupted") return;
    this.#runsDone++;
    if (this.#runsDone % 2 === 1) return;
    const { display, outlook, times } = this.#around;
    const { pairs } = outlook;
    const done = this.#runsDone / 2;
    const last = { a: this.results.a.at(-1)!, b: this.results.b.at(-1)! };
    display.say(pairLine(done, pairs, last, times.from(at + 1, this.#around.done).ms));
    const isFirst = done === 1;
    const showsNoise = done === PAIRS_FOR_NOISE && done < pairs;
    if (!isFirst && !showsNoise) return;
    const soFar = this.comparison();
    const line = isFirst ? gatesLine(soFar, outlook) : null;
    if (line !== null) display.say(line);
    for (const each of showsNoise ? noiseSoFar(soFar, pairs) : []) display.say(each);
  }
}

/** It was interrupted before its first request. */
function hasNothing({ status, operations }: RunResult): boolean {
  return status === "interrupted" && operations.every(({ requests }) => requests.started === 0);
}
