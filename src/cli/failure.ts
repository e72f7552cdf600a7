/** Owns what a person sees when bench cannot go on: one line for a BenchError, a stack for a bug. */
import { BenchError } from "../errors.ts";

/** EX_SOFTWARE of BSD's sysexits: the tool itself is wrong, not its use and not its target. */
export const EXIT_DEFECT = 70;

/** Writes to standard error and returns the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof BenchError) {
    process.stderr.write(`bench: ${error.message}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`bench: this is a defect of bench, please report it:\n${stack}\n`);
  return EXIT_DEFECT;
}
