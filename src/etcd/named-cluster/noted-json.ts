/** Reads the JSON that bench has noted about a cluster, which a full disk or a crash may have cut short. */
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
