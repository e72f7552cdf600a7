/**
 * What `bench report` does: reads results from files and folders, or one comparison, trend, report of
 * `bench doctor` or `bench memory`, or folder of `bench failover` or `bench soak`, and prints them, measuring nothing.
 */
import path from "node:path";
import { loadSaved, type SavedFile } from "../../compare/saved.ts";
import { EXIT, usageError } from "../../errors.ts";
import { reportOfTrials } from "../../failover/saved-trials.ts";
import { parseFailoverLimit } from "../../failover/thresholds.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import type { ReportSubject } from "../../report/format.ts";
import type { SkippedFile } from "../../result/saved-files.ts";
import { isSuiteFolder, readSuiteManifest, readSuiteResults } from "../../saved/suite-folder.ts";
import { isSoakFolder } from "../../soak/folder.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { REPORT_FLAGS } from "./report-flags.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";

/** Resolves to the exit code; throws a usage error for a file that bench has not written. */
export async function printSavedResults(
  paths: readonly string[],
  given: GivenFlags,
): Promise<number> {
  const flags = readFlags(REPORT_FLAGS, given);
  const { output, html } = flags;
  const texts = html === null ? output : [...output, `html=${html}`];
  // A wrong flag is reported before any file is read.
  parseOutputs(texts, "table", null);
  const { subject, files, skipped } = (await loadFolderReport(paths)) ?? (await loadOthers(paths));
  sayWhatIsSkipped(skipped);
  const outputs = parseOutputs(texts, "table", subject.kind);
  await checkNotAnInput(outputs, files);
  await checkWritable(outputs, null);
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  sayVerdict(subject, outputs, null);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}

const SAVED_WORDS: Record<SavedFile["saved"]["kind"], string> = {
  ...{ results: "result", comparison: "comparison", trend: "trend", failover: "failover report" },
  doctor: "report of the doctor",
  memory: "report of memory",
};

interface Loaded {
  subject: ReportSubject;
  files: string[];
  skipped: readonly SkippedFile[];
}

async function loadOthers(paths: readonly string[]): Promise<Loaded> {
  const { files, skipped } = await loadSaved(paths);
  return { subject: subjectOf(files), files: files.map(({ file }) => file), skipped };
}

/** The report of the one folder that bench failover or soak has kept; null for anything else. */
async function loadFolderReport(paths: readonly string[]): Promise<Loaded | null> {
  const [folder] = paths;
  if (paths.length !== 1) return null;
  if (!(await isSoakFolder(folder!))) return loadTrials(folder!);
  const { readSoakReport } = await import("../../soak/report-of-folder.ts");
  const subject = { kind: "soak", report: await readSoakReport(folder!) } as const;
  return { subject, files: [], skipped: [] };
}

/** Null for what is no folder of `bench failover`, and for one without a result. */
async function loadTrials(folder: string): Promise<Loaded | null> {
  if (!(await isSuiteFolder(folder))) return null;
  const manifest = await readSuiteManifest(folder);
  if (manifest.failover === null) return null;
  const byFile = await readSuiteResults(folder, manifest);
  const report = reportOfTrials({
    manifest: { ...manifest, trials: manifest.failover },
    thresholds: manifest.failover.thresholds.map((text) => parseFailoverLimit("--threshold", text)),
    byRun: new Map(manifest.runs.map(({ file }, at) => [at, byFile.get(file) ?? []])),
    describe: ({ plan }) => workloadNamed(plan.workload.kind).describe(plan.workload),
  });
  if (report === null) return null;
  const files = [...byFile.keys()].map((file) => path.join(folder, file));
  return { subject: { kind: "failover", report }, files, skipped: [] };
}

/** All results together, or the one comparison, trend or failover report. */
function subjectOf(files: readonly SavedFile[]): ReportSubject {
  const other = files.find(({ saved }) => saved.kind !== "results");
  if (other === undefined) {
    const results = files.flatMap(({ saved }) => (saved.kind === "results" ? saved.results : []));
    return { kind: "results", results };
  }
  if (files.length > 1) {
    throw usageError(
      `${other.file} is a ${SAVED_WORDS[other.saved.kind]}, which is printed alone: name this file and no other`,
    );
  }
  return other.saved;
}
