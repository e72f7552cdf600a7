/**
 * Keeps bench processes that run one command line after another. Commands that need neither a signal
 * nor a process group behave the same as in a new process. If the test runner has a server of such
 * processes for all files (resident-server.ts), commands go to that server.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { addCpuSeconds } from "./cpu-seconds.ts";
import { patient } from "./patience.ts";
import { askServer } from "./resident-client.ts";

/** Time for the processes that bench started to end with it. */
const TERM_GRACE_MS = patient(2_000);
/** Environment variable with the server's socket. */
export const RESIDENTS = "BENCH_TEST_RESIDENTS";
const ENTRY = fileURLToPath(new URL("./resident-bench-process.js", import.meta.url));

export interface CommandRequest {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Time limit; only a hang reaches it. */
  limitMs: number;
}

/** A command for the process. */
export interface CommandLine extends CommandRequest {
  /** Text that the process writes to both output streams after the command. */
  mark: string;
}

export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
  /** CPU time of the process and of the children that it waited for; 0 without /proc. */
  cpuSeconds: number;
}

const idle: ResidentBench[] = [];

// Waits for the processes so that their CPU time counts for the test.
process.once("beforeExit", () => {
  for (const resident of idle) resident.end();
});

/**
 * Runs the command in an idle process or in a new one. Rejects when the process ends during the
 * command, or at the time limit, with the output so far.
 */
export async function runInResident(request: CommandRequest): Promise<CommandEnd> {
  const socketPath = process.env[RESIDENTS];
  if (socketPath === undefined) return runInOwnResident(request);
  const end = await askServer(socketPath, request);
  addCpuSeconds(end.cpuSeconds);
  return end;
}

/** @param abandoned when aborted, ends the process during the command */
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
    const shown = `bench ${line.args.join(" ")}`;
    return new Promise((resolve, reject) => {
      let ended: Pick<CommandEnd, "code" | "cpuSeconds"> | null = null;
      const breakOff = (why: string) => {
        this.#process.kill("SIGTERM");
        setTimeout(() => this.#process.kill("SIGKILL"), TERM_GRACE_MS).unref();
        reject(new Error(`${shown} ${why}; it said: ${this.#said.stderr}`));
      };
      // This timer also keeps the test's process alive.
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
          reject(new Error(`${shown} ended its process with ${this.#gone}; it said: ${stderr}`));
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

  /** Lets the test's process end without waiting for this one, which ends with it. */
  #letGo(): void {
    this.#process.unref();
    this.#process.channel!.unref();
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      (stream as unknown as { unref(): void }).unref();
    }
  }
}
