/** Runs kubectl: with the user's configuration, a manifest through standard input, and errors in one line. */
import { type ExecFileException, execFile } from "node:child_process";
import { BenchError, EXIT, flagError } from "../../errors.ts";

/** Far above what one call takes: a cluster that does not answer ends in kubectl's own error before. */
const LIMIT_MS = 180_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
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
 * @throws BenchError with the command and the reason that kubectl gives
 */
export function runKubectl(
  { kubectl, context, namespace }: KubectlTarget,
  args: readonly string[],
  { input = "", signal }: { input?: string; signal?: AbortSignal } = {},
): Promise<string> {
  const all = [
    ...(context === null ? [] : [`--context=${context}`]),
    ...(namespace === null ? [] : [`--namespace=${namespace}`]),
    ...args,
  ];
  return new Promise((resolve, reject) => {
    const options = { timeout: LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES, ...(signal && { signal }) };
    const child = execFile(kubectl, all, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(signal?.aborted ? error : failureOf(kubectl, all, error, stderr));
    });
    child.stdin?.on("error", () => {
      // EPIPE: it has ended, and its exit code tells why.
    });
    child.stdin?.end(input);
  });
}

function failureOf(
  kubectl: string,
  args: readonly string[],
  error: ExecFileException,
  stderr: string,
): BenchError {
  if (error.code === "ENOENT" || error.code === "EACCES") {
    return flagError(
      "kubectl",
      `${kubectl}: ${error.code === "ENOENT" ? "it is not there" : "it cannot be run"}; ` +
        "install kubectl, or name it with --kubectl=PATH",
      error,
    );
  }
  const lines = stderr.split("\n").flatMap((line) => line.trim() || []);
  const reason = error.killed
    ? `it took longer than ${LIMIT_MS / 1000} s`
    : lines.slice(-MAX_REASON_LINES).join("; ") || `exit code ${error.code}`;
  return new BenchError(`${[kubectl, ...args].join(" ")}: ${reason}`, EXIT.failed, {
    cause: error,
  });
}
