/**
 * What `bench report` does: reads results from files and folders, or one comparison or trend,
 * and prints them, measuring nothing.
 */
import { type LoadedSaved, loadSaved, type SavedFile } from "../../compare/saved.ts";
import { EXIT, usageError } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import type { ReportSubject } from "../../report/format.ts";
import { isSoakFolder } from "../../soak/folder.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { REPORT_FLAGS } from "./report-flags.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";

const NOTHING_ELSE: LoadedSaved = { files: [], skipped: [] };

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
  const soak = await soakOf(paths);
  const { files, skipped } = soak === null ? await loadSaved(paths) : NOTHING_ELSE;
  sayWhatIsSkipped(skipped);
  const subject = soak ?? subjectOf(files);
  const outputs = parseOutputs(texts, "table", subject.kind);
  await checkNotAnInput(
    outputs,
    files.map(({ file }) => file),
  );
  await checkWritable(outputs, null);
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** The one folder that holds the rows of a soak; null for anything else. */
async function soakOf(paths: readonly string[]): Promise<ReportSubject | null> {
  const [folder] = paths;
  if (paths.length !== 1 || !(await isSoakFolder(folder!))) return null;
  const { readSoakReport } = await import("../../soak/report-of-folder.ts");
  return { kind: "soak", report: await readSoakReport(folder!) };
}

/** All results together, or the one comparison or trend. */
function subjectOf(files: readonly SavedFile[]): ReportSubject {
  const other = files.find(({ saved }) => saved.kind !== "results");
  if (other === undefined) {
    const results = files.flatMap(({ saved }) => (saved.kind === "results" ? saved.results : []));
    return { kind: "results", results };
  }
  if (files.length > 1) {
    throw usageError(
      `${other.file} is a ${other.saved.kind}, which is printed alone: name this file and no other`,
    );
  }
  return other.saved;
}
