/** Runs a program of this machine, such as ssh, tar or fio, to its end: its output is kept, its time bounded. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** More than any program that bench runs prints for it. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

export interface ProgramEnd {
  /** The exit code; null: it did not start, or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no exit code, such as `ENOENT` or `no end within 10 s`; null: there is one. */
  problem: string | null;
  /** The system's error of a program that did not start; null: it did. */
  startError: NodeJS.ErrnoException | null;
}

export interface ProgramOptions {
  /** For its standard input, which ends after it. */
  input?: string | Buffer;
  /** Absent: that of this process. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Aborted: it is killed. */
  signal?: AbortSignal | undefined;
  /** After that it is killed; absent: it may take as long as it wants. */
  timeoutMs?: number;
  /** Of each output at least so many characters of its end are kept, and at most twice as many. */
  keptCharacters?: number;
}

/** Never rejects: a program that cannot be run is an end like any other. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { input = "", env, cwd, signal, timeoutMs, keptCharacters = MOST_CHARACTERS } = options;
  const said = { stdout: "", stderr: "" };
  return new Promise((resolve) => {
    const notStarted = (startError: NodeJS.ErrnoException) => {
      const problem = startError.code ?? startError.message;
      resolve({ code: null, stdout: "", stderr: "", problem, startError });
    };
    let child: ChildProcessByStdio<Writable, Readable, Readable>;
    try {
      child = spawn(program, args, { stdio: "pipe", env, cwd });
    } catch (error) {
      notStarted(error as NodeJS.ErrnoException);
      return;
    }
    child.on("error", notStarted);
    // Without files left there are none.
    if ((child.stdin as Writable | undefined) === undefined) return;
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        if (said[name].length > 2 * keptCharacters) said[name] = said[name].slice(-keptCharacters);
      });
    }
    child.stdin.on("error", () => {
      // It ended without reading all; how it ended says why.
    });
    child.stdin.end(input);

    let isLate = false;
    const kill = () => {
      child.kill("SIGKILL");
      // What the program has started may hold its outputs open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, timeoutMs);
    if (timeoutMs === undefined) clearTimeout(timer);
    if (signal?.aborted) kill();
    signal?.addEventListener("abort", kill, { once: true });
    const forget = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
    };
    child.on("error", forget);
    child.on("close", (code, by) => {
      forget();
      const problem = isLate ? `no end within ${timeoutMs! / 1000} s` : `ended by ${by}`;
      resolve({ code, ...said, problem: code === null ? problem : null, startError: null });
    });
  });
}
