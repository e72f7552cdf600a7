/**
 * Reads `--output FORMAT[=FILE]`: where each report goes, checked before anything is started, and
 * written afterwards so that one file that fails costs none of the others.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { BenchError, EXIT, flagError, usageError } from "../../errors.ts";
import { readStreamOutput } from "../../flags/stream.ts";
import {
  type FormatEntry,
  type ReportOptions,
  type ReportSubject,
  renderSubject,
} from "../../report/format.ts";
import { findFormat } from "../../report/formats.ts";
import {
  assertWritable,
  makeFolder,
  withoutLinks,
  writeFileAtomically,
} from "../../result/atomic-file.ts";
import { isStandardOutput, openDescriptor } from "../../result/open-file.ts";
import { isSystemError } from "../../system-error.ts";
import { endingAtSignal } from "../interrupts.ts";
import { writeStandardError, writeStandardOutput } from "./standard-output.ts";

export interface Output {
  format: FormatEntry;
  /** Null: standard output. */
  file: string | null;
  /** The user named no folder, so the default folder is made. */
  makesFolder?: boolean;
}

/**
 * Reads every `--output`. Where none goes to standard output `defaultFormat` does, so that a run always
 * answers. What is to be shown may not be known yet (null). Throws a usage error for an unknown format
 * or two outputs in one place.
 */
export function parseOutputs(
  texts: readonly string[],
  defaultFormat = "table",
  kind: ReportSubject["kind"] | null = "results",
): Output[] {
  const outputs = texts.map((text) => parseOutput(text, kind));
  const toStandard = outputs.filter((each) => each.file === null);
  if (toStandard.length > 1) {
    const [first, second] = toStandard;
    throw flagError(
      "output",
      `--output: ${first!.format.name} and ${second!.format.name} cannot both go to standard output; ` +
        `give one a file, e.g. --output=${second!.format.name}=FILE`,
    );
  }
  const files = outputs.flatMap((each) => (each.file === null ? [] : [path.resolve(each.file)]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) {
    throw flagError(
      "output",
      `--output: ${twice} is named twice; give each output a file of its own`,
    );
  }
  return toStandard.length > 0
    ? outputs
    : [{ format: findFormat(defaultFormat), file: null }, ...outputs];
}

function parseOutput(text: string, kind: ReportSubject["kind"] | null): Output {
  if (readStreamOutput(text) !== null) {
    throw flagError(
      "output",
      `--output: ${text.slice(0, text.indexOf("="))} takes the figures of a run while it goes on; give it to bench put or another load, soak, run, ab, failover or calibrate`,
    );
  }
  const equals = text.indexOf("=");
  const format = findFormat(equals < 0 ? text : text.slice(0, equals), kind);
  const file = equals < 0 ? null : text.slice(equals + 1);
  if (file === "") {
    throw flagError(
      "output",
      `--output: ${JSON.stringify(text)} names no file after the =, e.g. --output=${format.name}=FILE`,
    );
  }
  const isStandard = file === null || file === "-" || isStandardOutput(file);
  return { format, file: isStandard ? null : file };
}

/** Throws a usage error that names the flag and the first file or folder that cannot be written. */
export async function checkWritable(
  outputs: readonly Output[],
  saveFolder: string | null,
): Promise<void> {
  for (const { file, makesFolder } of outputs) {
    if (file === null) continue;
    if (makesFolder) {
      await named("$ARTIFACTS", () => assertWritable(path.dirname(file), "folder"));
    } else await named("--output", () => assertWritable(file, "file"));
  }
  if (saveFolder !== null) await named("--save", () => assertWritable(saveFolder, "folder"));
  await checkNotLinked(outputs.flatMap(({ file }) => (file === null ? [] : [file])));
}

/** Throws a usage error where two outputs would replace one file, by a link to it. */
async function checkNotLinked(files: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const file of files) {
    const target = path.resolve(await replacedBy(file));
    const other = seen.get(target);
    if (other === undefined) seen.set(target, file);
    else if (await mayBeReplaced(target)) {
      throw usageError(
        `--output: ${other} and ${file} are one file (${target}); give each output a file of its own`,
      );
    }
  }
}

/** An open descriptor is written to also where its file lies in a folder that this user may not enter. */
async function replacedBy(file: string): Promise<string> {
  try {
    return await withoutLinks(file);
  } catch (cause) {
    if ((await openDescriptor(file)) === null) throw cause;
    return file;
  }
}

/** Devices, pipes and sockets take several outputs, one after the other. */
async function mayBeReplaced(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    return true;
  }
}

async function named(flag: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw usageError(`${flag}: ${cause.message}`, cause);
  }
}

/** Throws a usage error where an output would overwrite one of the files that are read. */
export async function checkNotAnInput(
  outputs: readonly Output[],
  inputs: readonly string[],
): Promise<void> {
  for (const { file } of outputs) {
    for (const input of file === null ? [] : inputs) {
      if (await isSameFile(file!, input)) {
        throw flagError(
          "output",
          `--output: ${file} is also read; give the output a file of its own`,
        );
      }
    }
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  if (path.resolve(one) === path.resolve(other)) return true;
  try {
    const [a, b] = await Promise.all([stat(one), stat(other)]);
    return a.ino === b.ino && a.dev === b.dev;
  } catch (cause) {
    // A file that does not exist yet is no other file; anything else its reader or writer tells.
    if ((cause as NodeJS.ErrnoException).code !== undefined) return false;
    throw cause;
  }
}

/** Writes every output and returns the errors of those that could not be written. */
export async function writeOutputs(
  outputs: readonly Output[],
  subject: ReportSubject,
  toStandard: ReportOptions,
): Promise<BenchError[]> {
  const failures: BenchError[] = [];
  for (const { format, file, makesFolder } of outputs) {
    const failure = await collectFailure(async () => {
      const loaded = await format.load();
      if (file === null) {
        const text = renderSubject(loaded, subject, toStandard);
        return writeStandardOutput(text, toStandard.color);
      }
      const toFile = { ...toStandard, color: false, widthColumns: null };
      const text = renderSubject(loaded, subject, toFile);
      if (makesFolder) await makeFolder(path.dirname(file));
      await endingAtSignal((signal) =>
        writeFileAtomically(file, text, (line) => writeStandardError(`bench: ${line}\n`), signal),
      );
    });
    if (failure !== null) failures.push(failure);
  }
  return failures;
}

/** A failure to write after a run is not a usage error: the run is complete, one file is missing. */
export async function collectFailure(write: () => Promise<void>): Promise<BenchError | null> {
  try {
    await write();
    return null;
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    return new BenchError(cause.message, EXIT.failed, { cause });
  }
}
