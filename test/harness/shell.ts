/** Runs a line in a shell, like a user who copies it from the help or the documentation. */
import { spawn } from "node:child_process";

export interface ShellEnd {
  code: number | null;
  /** Standard output and standard error, in order. */
  output: string;
}

export interface ShellOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Time limit; then the shell is ended and the call rejects. */
  limitMs: number;
}

export function runInShell(line: string, { cwd, env, limitMs }: ShellOptions): Promise<ShellEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", line], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const limit = setTimeout(() => {
      child.kill("SIGTERM");
      reject(new Error(`${line} hangs; it printed: ${output}`));
    }, limitMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
}
