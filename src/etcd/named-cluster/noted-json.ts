/** Writes and reads the JSON that bench notes about a cluster, which a crash may have cut short. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { usageError } from "../../errors.ts";
import { isSystemError, reason } from "../../system-error.ts";
import { readFoundFile } from "../../text-file.ts";

/**
 * Undefined where there is no such file.
 * @param fix what to do about a file that cannot be read
 * @throws BenchError (usage) that names the file
 */
export function readNotedJson(file: string, fix: string): unknown {
  try {
    return JSON.parse(readFoundFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError) && !isSystemError(error)) throw error;
    const why = error instanceof SyntaxError ? "it is not whole" : reason(error);
    throw usageError(`${file} cannot be read: ${why}; ${fix}`, error);
  }
}

/**
 * Renamed into place, so that no reader finds half of it. Only its owner may read it.
 * @throws BenchError (usage) that names the file, which an error of write(2) does not
 */
export function writeNotedJson(file: string, data: unknown): void {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    writeFileSync(draft, `${JSON.stringify(data, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    if (!isSystemError(error)) throw error;
    throw usageError(`cannot write ${file}: ${reason(error)}; make room there, or allow it`, error);
  }
}
