/**
 * Owns how long a suite will take: what plans say, and what the latest earlier results of the same
 * suite took where they do not. Told by --dry-run, and while a suite goes on.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { BenchError } from "../errors.ts";
import {
  isSuiteFolder,
  readSuiteManifest,
  readSuiteResults,
  type SuiteManifest,
} from "../result/suite-folder.ts";
import {
  aroundRunMs,
  type Estimate,
  estimateRun,
  sumOf,
  type WholeEstimate,
} from "../suite/estimate.ts";
import { type PlacedRun, withoutPassword } from "../suite/runs.ts";
import type { PlannedCell } from "./suite-plans.ts";

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
    if (ofRun === undefined) continue;
    times.set(
      command.join("\n"),
      ofRun.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
    );
  }
  return times;
}

const UNKNOWN = { earlierMs: null, expectMs: null };

/** The estimates of all runs in their order. */
export class SuiteTimes {
  readonly #each: { estimate: Estimate | null; aroundMs: number }[];

  constructor(runs: readonly Run[], earlier: EarlierTimes) {
    let open: string | null = null;
    this.#each = runs.map(({ cell }) => {
      const key = JSON.stringify([cell.plan.target.local, cell.flags.etcd ?? null]);
      const startsCluster = cell.etcd === "fresh" || key !== open;
      open = key;
      const parts = [...cell.preparePlans.map((plan) => estimateRun(plan, UNKNOWN))];
      const seconds = earlier.get(cell.words.map(withoutPassword).join("\n"));
      const earlierMs = seconds === undefined ? null : seconds * 1000;
      const own = estimateRun(cell.plan, { earlierMs, expectMs: cell.expectMs });
      const preparedMs = parts.reduce((sum, part) => sum + (part?.ms ?? 0), 0);
      const prepareMs = cell.preparePlans.length * aroundRunMs(cell.plan, false);
      const aroundMs = aroundRunMs(cell.plan, startsCluster) + prepareMs + preparedMs;
      return { estimate: own, aroundMs };
    });
  }

  /** Of the runs from this place on. */
  from(at: number): WholeEstimate {
    return sumOf(this.#each.slice(at));
  }

  of(at: number): Estimate | null {
    return this.#each[at]!.estimate;
  }
}
