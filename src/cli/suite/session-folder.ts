/** Begins the folder of a suite's results, or goes on in one, and finds what is done in it. */
import { rm } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../result/schema.ts";
import { isDone, readSuiteResults, type SuiteManifest } from "../../saved/suite-folder.ts";
import { shellLine } from "../../shell-words.ts";
import { formatNoun } from "../../text/noun.ts";

/**
 * The results of the runs that are done, by their places in the order. Of a suite whose arms are
 * compared a pair counts as soon as both of its runs are done: one half of a pair would be measured
 * long after the other.
 */
export async function doneRuns(
  folder: string,
  manifest: SuiteManifest,
): Promise<Map<number, RunResult[]>> {
  const byFile = await readSuiteResults(folder, manifest);
  const isThere = (file: string) => isDone(byFile.get(file) ?? []) && byFile.has(file);
  const broken = new Set<number>();
  if (manifest.comparison !== null) {
    for (const { file, repeat } of manifest.runs) if (!isThere(file)) broken.add(repeat);
  }
  return new Map(
    manifest.runs.flatMap(({ file, repeat }, at) =>
      isThere(file) && !broken.has(repeat) ? [[at, byFile.get(file)!] as const] : [],
    ),
  );
}

/** Removes what is left of runs that are to be done again, so that no pair is made of two attempts. */
export async function removeUndone(
  folder: string,
  { runs }: SuiteManifest,
  done: ReadonlyMap<number, unknown>,
): Promise<void> {
  for (const [at, { file }] of runs.entries()) {
    if (!done.has(at)) await rm(path.join(folder, file), { force: true });
  }
}

/** What differs in what two manifests measure, as a clause; null where one can go on with the other. */
export function differenceOf(was: SuiteManifest, is: SuiteManifest): string | null {
  if (was.contentHash === is.contentHash) return null;
  const at = was.runs.findIndex((run, index) => {
    const other = is.runs[index];
    return other === undefined || other.command.join("\n") !== run.command.join("\n");
  });
  if (at < 0) {
    if (was.runs.length !== is.runs.length) {
      return `it has ${formatNoun(is.runs.length, "run")} where it had ${was.runs.length}`;
    }
    return was.comparison === null
      ? "the order, names, preparation or target of its runs differ"
      : `it was begun with "bench ${shellLine(was.arguments)}"`;
  }
  const before = was.runs[at]!.command.join(" ");
  const now = is.runs[at]?.command.join(" ");
  return `run ${at + 1} was "${before}" and ${now === undefined ? "is gone" : `is "${now}"`}`;
}
