/** Runs a program of an engine, such as ssh or sbatch, to its end. */
import { spawn } from "node:child_process";

export interface ProgramEnd {
  /** Null: a signal ended it, such as that of the caller. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  input?: string | Buffer;
  /** Aborted: it is killed. */
  signal: AbortSignal;
  /** Of each output at least so many characters of its end are kept; absent: all. */
  keptCharacters?: number;
}

/**
 * @throws the system's error where it cannot be run
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = "", signal, keptCharacters = Number.POSITIVE_INFINITY }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe" });
    const said = { stdout: "", stderr: "" };
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
    const giveUp = () => child.kill("SIGKILL");
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", giveUp);
      resolve({ code, ...said });
    });
  });
}
