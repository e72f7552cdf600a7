/**
 * Owns how long a suite will take: what plans say, and what the latest earlier results of the same
 * suite took where they do not. Told by --dry-run, and while a suite goes on.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
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

/** The folders of suites below `root`, the latest first. */
export async function suiteFolders(
  root: string,
): Promise<{ folder: string; manifest: SuiteManifest }[]> {
  const names = await readdir(root).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return [];
    throw cause;
  });
  const found: { folder: string; manifest: SuiteManifest }[] = [];
  for (const name of names) {
    const folder = path.join(root, name);
    if (await isSuiteFolder(folder))
      found.push({ folder, manifest: await readSuiteManifest(folder) });
  }
  return found.toSorted((a, b) => b.manifest.startedAt.localeCompare(a.manifest.startedAt));
}

export async function earlierTimes(root: string, suite: string): Promise<EarlierTimes> {
  const times = new Map<string, number>();
  const latest = (await suiteFolders(root)).find(({ manifest }) => manifest.name === suite);
  if (latest === undefined) return times;
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
      const key = JSON.stringify(cell.plan.target.local);
      const startsCluster = cell.etcd === "fresh" || key !== open;
      open = key;
      const parts = [...cell.preparePlans.map((plan) => estimateRun(plan, UNKNOWN))];
      const seconds = earlier.get(cell.words.map(withoutPassword).join("\n"));
      const earlierMs = seconds === undefined ? null : seconds * 1000;
      const own = estimateRun(cell.plan, { earlierMs, expectMs: cell.expectMs });
      const runs = 1 + cell.preparePlans.length;
      const preparedMs = parts.reduce((sum, part) => sum + (part?.ms ?? 0), 0);
      const aroundMs = aroundRunMs(cell.plan, startsCluster) * runs + preparedMs;
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
