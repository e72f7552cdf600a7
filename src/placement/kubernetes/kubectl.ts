/** Runs kubectl: with the user's configuration, a manifest through standard input, and errors in one line. */
import { BenchError, EXIT, flagError } from "../../errors.ts";
import { lookForProgram } from "../../executable.ts";
import { type ProgramEnd, runProgram } from "../../machine/run-program.ts";
import { shellLine } from "../../shell-words.ts";
import { reason } from "../../system-error.ts";

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
  const end = await runProgram(kubectl, all, { input, signal, timeoutMs: LIMIT_MS });
  if (end.startError !== null) {
    const look = lookForProgram(kubectl, process.cwd(), process.env);
    if (typeof look === "object") {
      const { path, why, fix } = look;
      throw flagError("kubectl", `${path} ${why}; ${fix}`, end.startError);
    }
    throw flagError(
      "kubectl",
      `${kubectl}: ${reason(end.startError)}; install kubectl, or name it with --kubectl=PATH`,
      end.startError,
    );
  }
  signal.throwIfAborted();
  if (end.code === 0) return end.stdout;
  const words = end.problem ?? reasonOf(end);
  throw new BenchError(`${shellLine([kubectl, ...all])}: ${words}`, EXIT.failed);
}

/** The last lines, which have kubectl's error. */
function reasonOf({ code, stderr }: ProgramEnd): string {
  const lines = stderr.split("\n").flatMap((line) => line.trim() || []);
  return lines.slice(-MAX_REASON_LINES).join("; ") || `exit code ${code}`;
}
