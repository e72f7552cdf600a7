/** Runs a short command to its end, with its output captured and its time bounded. */
import { execFile } from "node:child_process";

export interface CommandOutcome {
  /** The exit code; null where the command did not start, or was ended by a signal or its bound. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why it did not start or was ended, e.g. `ENOENT`; null after an ordinary exit. */
  problem: string | null;
}

/** Never rejects: a command that cannot be run is an outcome like any other. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; timeoutMs: number; cwd?: string },
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      {
        env: options.env,
        cwd: options.cwd,
        timeout: options.timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: 4 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve({ code: 0, stdout, stderr, problem: null });
        } else if (typeof error.code === "number") {
          resolve({ code: error.code, stdout, stderr, problem: null });
        } else {
          const problem = error.killed
            ? `no end within ${options.timeoutMs / 1000} s`
            : (error.code ?? `ended by ${error.signal ?? "an unknown cause"}`);
          resolve({ code: null, stdout, stderr, problem });
        }
      },
    );
    // A program that waits for input must see its end rather than hang until the bound.
    child.stdin?.on("error", () => {
      // EPIPE: the command has ended already, and its exit code tells the rest.
    });
    child.stdin?.end();
  });
}
