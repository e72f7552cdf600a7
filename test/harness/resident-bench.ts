/**
 * Keeps bench processes that run one command line after another. A line that nobody signals and that
 * needs no process group cannot tell such a process from one of its own.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { patient } from "./patience.ts";

/** For what it has started to end with it. */
const TERM_GRACE_MS = patient(2_000);
const ENTRY = fileURLToPath(new URL("./resident-bench-process.js", import.meta.url));

/** What goes to the process. */
export interface CommandLine {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** To be written to standard output and standard error after all else. */
  mark: string;
}

export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
}

const idle: ResidentBench[] = [];

// Waited for, so that their CPU counts as the test's.
process.once("beforeExit", () => {
  for (const resident of idle) resident.end();
});

/**
 * Runs the line in a process that is idle, or in a new one. Rejects where the process ends over it,
 * and after `limitMs`, with what it had printed.
 */
export async function runInResident(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<CommandEnd> {
  const resident = idle.pop() ?? new ResidentBench();
  const end = await resident.run({ args, cwd, env, mark: `\0${randomUUID()}\0` }, limitMs);
  idle.push(resident);
  return end;
}

class ResidentBench {
  readonly #process: ChildProcess;
  readonly #said = { stdout: "", stderr: "" };
  #onChange = () => {};
  #gone: string | null = null;

  constructor() {
    this.#process = fork(ENTRY, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const name of ["stdout", "stderr"] as const) {
      this.#process[name]!.setEncoding("utf8").on("data", (text: string) => {
        this.#said[name] += text;
        this.#onChange();
      });
    }
    this.#process.on("exit", (code, signal) => {
      this.#gone = signal ?? `exit code ${code}`;
      this.#onChange();
    });
    this.#letGo();
  }

  run(line: CommandLine, limitMs: number): Promise<CommandEnd> {
    const told = `bench ${line.args.join(" ")}`;
    return new Promise((resolve, reject) => {
      let code: number | null = null;
      // Keeps the test's process alive meanwhile.
      const limit = setTimeout(() => {
        this.#process.kill("SIGTERM");
        setTimeout(() => this.#process.kill("SIGKILL"), TERM_GRACE_MS).unref();
        reject(new Error(`${told} hangs; it said: ${this.#said.stderr}`));
      }, limitMs);
      this.#onChange = () => {
        const { stdout, stderr } = this.#said;
        if (code !== null && stdout.endsWith(line.mark) && stderr.endsWith(line.mark)) {
          clearTimeout(limit);
          this.#said.stdout = "";
          this.#said.stderr = "";
          const length = -line.mark.length;
          resolve({ code, stdout: stdout.slice(0, length), stderr: stderr.slice(0, length) });
        } else if (this.#gone !== null) {
          clearTimeout(limit);
          reject(new Error(`${told} ended its process with ${this.#gone}; it said: ${stderr}`));
        }
      };
      this.#process.once("message", (message: { code: number }) => {
        code = message.code;
        this.#onChange();
      });
      this.#process.send(line);
    });
  }

  end(): void {
    this.#process.ref();
    if (this.#process.connected) this.#process.disconnect();
  }

  /** The test's process ends without waiting for this one, which ends with it. */
  #letGo(): void {
    this.#process.unref();
    this.#process.channel!.unref();
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      (stream as unknown as { unref(): void }).unref();
    }
  }
}
