/**
 * Estimates how long a suite takes: from its plans, from the latest earlier results of the same
 * suite, and from the runs of this session. Printed by --dry-run, and at each run's start.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { BenchError } from "../../errors.ts";
import {
  isDone,
  isSuiteFolder,
  readSuiteManifest,
  readSuiteResults,
  type SuiteManifest,
} from "../../saved/suite-folder.ts";
import {
  aroundRunMs,
  type Estimate,
  estimateRun,
  prepareMs,
  sumOf,
  type WholeEstimate,
} from "../../suite/estimate.ts";
import { type PlacedRun, withoutPassword } from "../../suite/runs.ts";
import type { PlannedCell } from "./plans.ts";

type Run = PlacedRun<PlannedCell>;

/** Seconds that a run with these words measured for, in the latest folder of the suite. */
export type EarlierTimes = ReadonlyMap<string, number>;

interface SuiteFolders {
  /** The latest first. */
  found: { folder: string; manifest: SuiteManifest }[];
  /** Of folders whose suite cannot be read. */
  failures: BenchError[];
}

/** The folders of suites below `root`. */
export async function suiteFolders(root: string): Promise<SuiteFolders> {
  const names = await readdir(root).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return [];
    throw cause;
  });
  const found: SuiteFolders["found"] = [];
  const failures: BenchError[] = [];
  for (const name of names) {
    const folder = path.join(root, name);
    try {
      if (await isSuiteFolder(folder)) {
        found.push({ folder, manifest: await readSuiteManifest(folder) });
      }
    } catch (cause) {
      if (!(cause instanceof BenchError)) throw cause;
      failures.push(cause);
    }
  }
  found.sort((a, b) => b.manifest.startedAt.localeCompare(a.manifest.startedAt));
  return { found, failures };
}

/** None where they cannot be read: they only tell how long a suite will take, and `say` hears why. */
export async function earlierTimes(
  root: string,
  suite: string,
  say: (line: string) => void,
): Promise<EarlierTimes> {
  try {
    return await timesOfLatest(root, suite);
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    say(`note: how long earlier runs took is not known: ${cause.message}`);
    return new Map();
  }
}

async function timesOfLatest(root: string, suite: string): Promise<EarlierTimes> {
  const times = new Map<string, number>();
  const { found, failures } = await suiteFolders(root);
  const latest = found.find(({ manifest }) => manifest.name === suite);
  if (latest === undefined) {
    if (failures.length > 0) throw failures[0]!;
    return times;
  }
  const results = await readSuiteResults(latest.folder, latest.manifest);
  for (const { file, command } of latest.manifest.runs) {
    const ofRun = results.get(file);
    if (ofRun === undefined || !isDone(ofRun)) continue;
    times.set(
      command.join("\n"),
      ofRun.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
    );
  }
  return times;
}

interface RunTime {
  /** What its cell is known by. */
  words: string;
  estimate: Estimate | null;
  aroundMs: number;
}

/** The estimates of all runs in their order, which get better with each run that ends. */
export class SuiteTimes {
  readonly #each: RunTime[];
  /** Whole times of this session's runs by cell, from the start of their etcd until they are saved. */
  readonly #tookMs = new Map<string, number[]>();
  /** The cost in addition to measured phases, in this session and as the defaults have it. */
  #spentAroundMs = 0;
  #defaultAroundMs = 0;

  constructor(runs: readonly Run[], earlier: EarlierTimes) {
    let open: string | null = null;
    this.#each = runs.map(({ cell }) => {
      const key = JSON.stringify([cell.plan.target.local, cell.flags.etcd ?? null]);
      const startsCluster = cell.etcd === "fresh" || key !== open;
      open = key;
      const seconds = earlier.get(cell.words.map(withoutPassword).join("\n"));
      const earlierMs = seconds === undefined ? null : seconds * 1000;
      const own = estimateRun(cell.plan, { earlierMs, expectMs: cell.expectMs });
      const preparedMs = cell.preparePlans.reduce((sum, plan) => sum + prepareMs(plan), 0);
      const aroundMs = aroundRunMs(cell.plan, startsCluster) + preparedMs;
      return { words: cell.words.join("\n"), estimate: own, aroundMs };
    });
  }

  /** The run at this place took so long in all, `measuredMs` of it in measured phases. */
  ended(at: number, tookMs: number, measuredMs: number): void {
    const { words, aroundMs } = this.#each[at]!;
    this.#tookMs.set(words, [...(this.#tookMs.get(words) ?? []), tookMs]);
    this.#spentAroundMs += Math.max(0, tookMs - measuredMs);
    this.#defaultAroundMs += aroundMs;
  }

  /** What is left from this place on, without the runs that were done before. */
  from(at: number, done: ReadonlyMap<number, unknown> = new Map()): WholeEstimate {
    const ahead = this.#each.filter((_, each) => each >= at && !done.has(each));
    return sumOf(ahead.map((each) => this.#corrected(each)));
  }

  /** A cell that has been measured takes the mean of its runs; others cost as much around as those. */
  #corrected({ words, estimate, aroundMs }: RunTime): Omit<RunTime, "words"> {
    const took = this.#tookMs.get(words);
    if (took !== undefined) {
      const ms = took.reduce((sum, each) => sum + each, 0) / took.length;
      return { estimate: { ms, by: "earlier" }, aroundMs: 0 };
    }
    if (this.#defaultAroundMs === 0) return { estimate, aroundMs };
    return { estimate, aroundMs: aroundMs * (this.#spentAroundMs / this.#defaultAroundMs) };
  }

  of(at: number): Estimate | null {
    return this.#each[at]!.estimate;
  }
}
