/**
 * The one error class that a user may see: a sentence that names the flag or file and the fix, and
 * the exit code that goes with it. A failed request is data and never becomes one of these; anything
 * else that is thrown is a defect of the tool.
 */

/** The exit codes of `bench`, as documented in docs/troubleshooting.md. */
export const EXIT = {
  done: 0,
  /** A threshold failed, or requests failed beyond `--max-error-rate`. */
  failed: 1,
  /** Usage or configuration: the command line, a file, the shape of the cluster. */
  usage: 2,
  /** No etcd answers at an endpoint. */
  unreachable: 3,
  /** A comparison is undecided and `--strict` was given; comparing reaches for no etcd. */
  undecided: 3,
  /** The measurement does not answer what was asked: it is not valid and `--strict` was given, a
   * comparison is not valid, or a threshold is undecided. */
  invalid: 4,
  /** Ended by SIGINT, SIGTERM, SIGHUP or another signal that a handler can hear. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for the user: what is wrong, where, and the fix. */
export class BenchError extends Error {
  readonly exitCode: ExitCode;
  /** The name of the flag whose value is wrong, without dashes; null where it is not one flag's. */
  readonly flag: string | null;

  constructor(
    message: string,
    exitCode: ExitCode,
    options: { cause?: unknown; flag?: string | null } = {},
  ) {
    super(message, options);
    this.name = "BenchError";
    this.exitCode = exitCode;
    this.flag = options.flag ?? null;
  }
}

/** The value of one flag is wrong (exit 2). @param flag its name without dashes */
export function flagError(flag: string, message: string, cause?: unknown): BenchError {
  return new BenchError(message, EXIT.usage, { cause, flag });
}

/** Usage or configuration is wrong (exit 2). */
export function usageError(message: string, cause?: unknown): BenchError {
  return new BenchError(message, EXIT.usage, { cause });
}

/** The same of a value from a flag (`--endpoints`) or elsewhere, such as a variable. */
export function sourceError(source: string, message: string): BenchError {
  return source.startsWith("--") ? flagError(source.slice(2), message) : usageError(message);
}

/** No etcd answers where one was named (exit 3). */
export function unreachableError(message: string, cause?: unknown): BenchError {
  return new BenchError(message, EXIT.unreachable, { cause });
}
