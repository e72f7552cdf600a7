/**
 * Keeps bench processes that run one command line after another. A line that nobody signals and that
 * needs no process group cannot tell such a process from one of its own. Where the runner of the tests
 * keeps them for all files (resident-server.ts), lines go there.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { addCpuSeconds } from "./cpu-seconds.ts";
import { patient } from "./patience.ts";
import { askServer } from "./resident-client.ts";

/** For what it has started to end with it. */
const TERM_GRACE_MS = patient(2_000);
/** In the environment of a test process: the socket of the server that keeps them. */
export const RESIDENTS = "BENCH_TEST_RESIDENTS";
const ENTRY = fileURLToPath(new URL("./resident-bench-process.js", import.meta.url));

export interface CommandRequest {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Only a hang reaches it. */
  limitMs: number;
}

/** What goes to the process. */
export interface CommandLine extends CommandRequest {
  /** To be written to standard output and standard error after all else. */
  mark: string;
}

export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
  /** Of the process and what it has waited for, where there is a /proc. */
  cpuSeconds: number;
}

const idle: ResidentBench[] = [];

// Waited for, so that their CPU counts as the test's.
process.once("beforeExit", () => {
  for (const resident of idle) resident.end();
});

/**
 * Runs the line in a process that is idle, or in a new one. Rejects where the process ends over it,
 * and after its limit, with what it had printed.
 */
export async function runInResident(request: CommandRequest): Promise<CommandEnd> {
  const socketPath = process.env[RESIDENTS];
  if (socketPath === undefined) return runInOwnResident(request);
  const end = await askServer(socketPath, request);
  addCpuSeconds(end.cpuSeconds);
  return end;
}

/** @param abandoned aborted, it ends the process in the middle of the line */
export async function runInOwnResident(
  request: CommandRequest,
  abandoned?: AbortSignal,
): Promise<CommandEnd> {
  const resident = idle.pop() ?? new ResidentBench();
  const end = await resident.run({ ...request, mark: `\0${randomUUID()}\0` }, abandoned);
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

  run(line: CommandLine, abandoned?: AbortSignal): Promise<CommandEnd> {
    const told = `bench ${line.args.join(" ")}`;
    return new Promise((resolve, reject) => {
      let ended: Pick<CommandEnd, "code" | "cpuSeconds"> | null = null;
      const breakOff = (why: string) => {
        this.#process.kill("SIGTERM");
        setTimeout(() => this.#process.kill("SIGKILL"), TERM_GRACE_MS).unref();
        reject(new Error(`${told} ${why}; it said: ${this.#said.stderr}`));
      };
      // Keeps the test's process alive meanwhile.
      const limit = setTimeout(() => breakOff("hangs"), line.limitMs);
      const onAbandoned = () => {
        clearTimeout(limit);
        breakOff("is wanted by nobody");
      };
      abandoned?.addEventListener("abort", onAbandoned, { once: true });
      this.#onChange = () => {
        const { stdout, stderr } = this.#said;
        const isWhole = stdout.endsWith(line.mark) && stderr.endsWith(line.mark);
        if (!(ended !== null && isWhole) && this.#gone === null) return;
        clearTimeout(limit);
        abandoned?.removeEventListener("abort", onAbandoned);
        if (ended === null || !isWhole) {
          reject(new Error(`${told} ended its process with ${this.#gone}; it said: ${stderr}`));
          return;
        }
        this.#said.stdout = "";
        this.#said.stderr = "";
        const length = -line.mark.length;
        resolve({ ...ended, stdout: stdout.slice(0, length), stderr: stderr.slice(0, length) });
      };
      this.#process.once("message", (message: Pick<CommandEnd, "code" | "cpuSeconds">) => {
        ended = message;
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
