/** Runs kubectl: with the user's configuration, a manifest through standard input, and errors in one line. */
import { BenchError, EXIT, flagError } from "../../errors.ts";
import { reason } from "../../system-error.ts";
import { type ProgramEnd, runProgram } from "../run-program.ts";

/** Far above what one call takes: a cluster that does not answer ends in kubectl's own error before. */
const LIMIT_MS = 180_000;
/** Of what kubectl says of an error. */
const MAX_REASON_LINES = 3;

export interface KubectlTarget {
  /** PATH of the program. */
  readonly kubectl: string;
  readonly context: string | null;
  readonly namespace: string | null;
}

/**
 * Resolves to what it printed.
 * @param args without a secret, since errors and lists of processes show them
 * @throws BenchError with the command and the reason that kubectl gives; the signal's reason after an abort
 */
export async function runKubectl(
  { kubectl, context, namespace }: KubectlTarget,
  args: readonly string[],
  { input = "", signal }: { input?: string; signal: AbortSignal },
): Promise<string> {
  const all = [
    ...(context === null ? [] : [`--context=${context}`]),
    ...(namespace === null ? [] : [`--namespace=${namespace}`]),
    ...args,
  ];
  const limit = AbortSignal.timeout(LIMIT_MS);
  const ending = { input, signal: AbortSignal.any([signal, limit]) };
  let end: ProgramEnd;
  try {
    end = await runProgram(kubectl, all, ending);
  } catch (cause) {
    throw flagError(
      "kubectl",
      `${kubectl}: ${reason(cause)}; install kubectl, or name it with --kubectl=PATH`,
      cause,
    );
  }
  signal.throwIfAborted();
  if (end.code === 0) return end.stdout;
  const words = limit.aborted ? `it took longer than ${LIMIT_MS / 1000} s` : reasonOf(end);
  throw new BenchError(`${[kubectl, ...all].join(" ")}: ${words}`, EXIT.failed);
}

/** The last lines, which have kubectl's error. */
function reasonOf({ code, stderr }: ProgramEnd): string {
  const lines = stderr.split("\n").flatMap((line) => line.trim() || []);
  return lines.slice(-MAX_REASON_LINES).join("; ") || `exit code ${code}`;
}
