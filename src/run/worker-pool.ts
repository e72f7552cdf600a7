/** Starts the worker threads of one run, sends them commands, and ends them. */
import { Worker } from "node:worker_threads";
import { unreachableError } from "../errors.ts";
import type { TokenGiver } from "../etcd/control-client.ts";
import type {
  FromWorker,
  OpenedMessage,
  PhaseCommand,
  PhaseDoneMessage,
  ToWorker,
} from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import { entryFile } from "../package-root.ts";
import type { RunPlan } from "../plan/schema.ts";
import { requireProc } from "../system-error.ts";
import { checkAddressRoom } from "./address-room.ts";
import type { LoadPool, PoolOptions } from "./load-pool.ts";

const ENTRY_BY_TRANSPORT: Record<RunPlan["load"]["transport"], URL> = {
  wire: entryFile("workers/wire-worker"),
  "grpc-js": entryFile("workers/grpc-js-worker"),
  gateway: entryFile("workers/gateway-worker"),
};
/** Bounds the wait for threads to leave by themselves. */
const CLOSE_MS = 2_000;

export class WorkerPool implements LoadPool {
  readonly startDelayNs = 20e6;
  readonly #workers: Worker[];
  #onMessage: (message: FromWorker) => void = () => {};
  #fail: (error: Error) => void = () => {};
  #failure: Error | null = null;

  constructor({ setups, transport, listener, tokens }: PoolOptions) {
    checkAddressRoom(setups.length);
    this.#workers = setups.map((setup) => {
      const worker = new Worker(ENTRY_BY_TRANSPORT[transport], {
        workerData: setup,
        // Names the file of compiled code, as a command does: see src/code-cache.ts.
        argv: setup.operations.map(({ kind }) => kind).slice(-1),
      });
      let recorded: RecorderSnapshot[] = [];
      worker.on("message", (message: FromWorker) => {
        if (message.type === "recorded") recorded.push(message.recorded);
        else if (message.type === "requests") listener.onRequests(message.requests);
        else if (message.type === "pause") listener.onPause(message.pause, message.workerIndex);
        else if (message.type === "snapshot") {
          listener.onSnapshot(message, recorded, setup.share.workerIndex);
          recorded = [];
        } else if (message.type === "token-wanted")
          void renewToken(worker, message.refused, tokens!);
        else this.#onMessage(message);
      });
      // A request never throws there: this is a defect of the tool, or memory that ran out.
      worker.on("error", (error) => {
        this.#failure = error;
        this.#fail(error);
      });
      return worker;
    });
  }

  get size(): number {
    return this.#workers.length;
  }

  get cpuMicros(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  }

  get rssBytes(): number {
    return process.memoryUsage.rss();
  }

  async open(): Promise<OpenedMessage[]> {
    requireProc();
    const answers = await this.#ask({ type: "open" });
    for (const answer of answers) {
      if (answer.type !== "open-failed") continue;
      const fix = /EMFILE|ENFILE/.test(answer.reason)
        ? "raise the limit of open files (ulimit -n), or lower --conns"
        : "check --endpoints and --conns";
      throw unreachableError(`a connection could not be opened: ${answer.reason}; ${fix}`);
    }
    return answers.filter((answer) => answer.type === "opened");
  }

  async runPhase(command: PhaseCommand): Promise<PhaseDoneMessage[]> {
    const answers = await this.#ask(command);
    return answers.filter((answer) => answer.type === "phase-done");
  }

  stop(drainMs: number): void {
    this.#broadcast({ type: "stop", drainMs });
  }

  markEvent(isBegin: boolean, atNs: number): void {
    this.#broadcast({ type: "event", isBegin, atNs });
  }

  async close(): Promise<void> {
    this.#broadcast({ type: "close" });
    const exits = this.#workers.map(
      (worker) => new Promise<void>((resolve) => worker.once("exit", () => resolve())),
    );
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    if (this.#failure === null) await Promise.race([Promise.all(exits), timeout]);
    clearTimeout(timer);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** Sends to all; resolves when each has given its one answer. */
  #ask(message: ToWorker): Promise<FromWorker[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const answers: FromWorker[] = [];
      this.#fail = reject;
      this.#onMessage = (answer) => {
        answers.push(answer);
        if (answers.length === this.#workers.length) resolve(answers);
      };
      this.#broadcast(message);
    });
  }

  #broadcast(message: ToWorker): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }
}

/** Workers ask each for themselves; the giver asks etcd once for all of them. */
async function renewToken(worker: Worker, refused: string, tokens: TokenGiver): Promise<void> {
  let answer: ToWorker;
  try {
    // Where authentication was turned off meanwhile, any token will do.
    answer = { type: "token", token: (await tokens.renew(refused)) ?? refused };
  } catch (error) {
    answer = { type: "token-failed", reason: (error as Error).message };
  }
  worker.postMessage(answer);
}
