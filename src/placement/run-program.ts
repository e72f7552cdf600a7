/** Runs a program of an engine, such as ssh or sbatch, to its end. */
import { spawn } from "node:child_process";

export interface ProgramEnd {
  /** Null: a signal ended it, such as that of the caller. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * @param signal aborted: it is killed
 * @throws the system's error where it cannot be run
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = "", signal }: { input?: string | Buffer; signal: AbortSignal },
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
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
      resolve({ code, stdout, stderr });
    });
  });
}
