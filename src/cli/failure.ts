/** Prints why bench cannot go on: one line for the user's errors and the system's, a stack for a defect. */
import { BenchError } from "../errors.ts";
import { fromSystemError } from "../system-error.ts";
import { writeNote, writeStandardError } from "./output/standard-output.ts";
import { sourceStack } from "./source-stack.ts";

/** EX_SOFTWARE of BSD's sysexits: the tool itself is wrong, not its use and not its target. */
export const EXIT_DEFECT = 70;

/** Writes to standard error and returns the exit code. */
export function reportFailure(error: unknown): number {
  const known = error instanceof BenchError ? error : fromSystemError(error);
  if (known !== null) {
    writeNote(`bench: ${known.message}`);
    return known.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeStandardError(
    `bench: this is a defect of bench, please report it:\n${sourceStack(stack)}\n`,
  );
  return EXIT_DEFECT;
}
