/** Saves and prints finished results, and makes the exit code of them. */
import path from "node:path";
import { type BenchError, EXIT, flagError } from "../../errors.ts";
import type { Read } from "../../flags/flag.ts";
import { PRINT_FLAGS } from "../../flags/output.ts";
import type { ReportOptions } from "../../report/format.ts";
import { findFormat } from "../../report/formats.ts";
import { saveResult } from "../../result/save-result.ts";
import type { RunResult } from "../../result/schema.ts";
import { worstExitCode } from "../exit-code.ts";
import { reportFailure } from "../failure.ts";
import { createProgress, type ProgressDisplay, type TerminalView } from "../measure/progress.ts";
import { wantsColor } from "./color.ts";
import {
  checkWritable,
  collectFailure,
  type Output,
  parseOutputs,
  writeOutputs,
} from "./outputs.ts";
import { sayVerdict } from "./say-verdict.ts";
import { columnsOf } from "./terminal-size.ts";

/** The flags that say nothing of what is measured, only of what becomes of it. */
export interface ResultFlags extends Partial<Read<typeof PRINT_FLAGS>> {
  save?: string | null;
  reportPerfdash?: boolean;
  noProgress?: boolean;
}

export interface Destination {
  outputs: Output[];
  saveFolder: string | null;
}

/** Finds out before anything starts where results go; throws a usage error where they cannot. */
export async function prepareDestination(
  flags: ResultFlags,
  { defaultFormat, command = "" }: { defaultFormat?: string; command?: string } = {},
): Promise<Destination> {
  const outputs = parseOutputs(flags.output ?? [], defaultFormat);
  if (flags.reportPerfdash) outputs.push(await perfdashOutput(command));
  const saveFolder = flags.save ?? null;
  if (saveFolder === "") {
    throw flagError("save", '--save: "" names no folder, e.g. --save or --save=results');
  }
  await checkWritable(outputs, saveFolder);
  return { outputs, saveFolder };
}

/** Where etcd's own tool writes it: a file a run, in a folder of the whole job's. */
async function perfdashOutput(command: string): Promise<Output> {
  const { perfdashFileName } = await import("../../report/perfdash.ts");
  const folder = process.env.ARTIFACTS || "_artifacts";
  const file = path.join(folder, perfdashFileName(command, new Date()));
  return { format: findFormat("perfdash"), file, makesFolder: true };
}

/** `runs` tells how many runs share the display: the phases of several are too much for a log. */
export function displayFor(flags: ResultFlags, runs = 1, view?: TerminalView): ProgressDisplay {
  const isQuiet = flags.noProgress || (runs > 1 && !process.stderr.isTTY);
  return createProgress({
    stream: process.stderr,
    show: flags.quiet ? "none" : isQuiet ? "notes" : "all",
    color: wantsColor(flags, process.env, process.stderr.isTTY),
    isDumb: process.env.TERM === "dumb",
    ...(view && { view }),
  });
}

function noteExtrasNotShown(
  outputs: readonly Output[],
  flags: ResultFlags,
  display: ProgressDisplay,
): void {
  const isShownBy = {
    precise: ["table", "summary"],
    sample: ["table", "summary"],
    members: ["table", "summary", "markdown", "html"],
  };
  for (const key of ["precise", "sample", "members"] as const) {
    const { name } = PRINT_FLAGS[key];
    if (!flags[key] || outputs.some(({ format }) => isShownBy[key].includes(format.name))) continue;
    display.say(`note: --${name} adds to --output=table, which nothing asks for`);
  }
}

/** How reports look on standard output. */
export function toStandardOutput(flags: ResultFlags): ReportOptions {
  return {
    color: wantsColor(flags, process.env, process.stdout.isTTY),
    widthColumns: columnsOf(process.stdout),
    isPrecise: flags.precise ?? false,
    hasSamples: flags.sample ?? false,
    hasMembers: flags.members ?? false,
  };
}

export interface Delivered {
  exitCode: number;
  /** The folder that has all results; null: they are not saved. */
  savedIn: string | null;
}

/** Saves and prints what there is, whatever fails on the way. */
export async function deliverResults(
  results: RunResult[],
  { outputs, saveFolder }: Destination,
  flags: ResultFlags,
  display: ProgressDisplay,
): Promise<Delivered> {
  if (results.length === 0) {
    const files = outputs.flatMap(({ file }) => file ?? []);
    const unwritten = files.length === 0 ? "" : `, so that ${files.join(", ")} is not written`;
    display.say(`no run has a result${unwritten}`);
    return { exitCode: EXIT.done, savedIn: null };
  }
  const failures: BenchError[] = [];
  noteExtrasNotShown(outputs, flags, display);
  // Saving comes first: it keeps the most, and the reader of the output may close it.
  for (const result of saveFolder === null ? [] : results) {
    const failure = await collectFailure(async () => {
      display.say(`saved ${await saveResult(saveFolder!, result)}`);
    });
    if (failure !== null) failures.push(failure);
  }
  const savedIn = failures.length === 0 ? saveFolder : null;
  failures.push(
    ...(await writeOutputs(outputs, { kind: "results", results }, toStandardOutput(flags))),
  );
  for (const failure of failures) reportFailure(failure);
  sayVerdict({ kind: "results", results }, outputs, display);
  for (const { file, makesFolder } of outputs) {
    if (makesFolder && failures.length === 0) display.say(`wrote ${file}`);
  }
  const exitCode = worstExitCode(results);
  const isFailed = exitCode === EXIT.done && failures.length > 0;
  return { exitCode: isFailed ? EXIT.failed : exitCode, savedIn };
}
