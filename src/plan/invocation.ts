/**
 * Owns how the words of one command line, or of a cell of a suite, become an invocation: most
 * commands are their flags alone, some have arguments.
 */
import type { Invocation } from "./from-flags.ts";
import type { PlanFlags } from "./plan-flags.ts";

/** Arguments beyond those that the command takes must have been refused before. */
export function invocationOf(
  command: Invocation["command"],
  flags: PlanFlags,
  [key, end]: readonly string[],
): Invocation {
  if (command === "range" || command === "txn-mixed") {
    return { command, flags, key: key ?? null, end: end ?? null };
  }
  return { command, flags };
}
