/** Ends a process of unit tests in which one file goes on for ever, and says where it was. */
import { Worker } from "node:worker_threads";

/** CPU that no test file needs, and a time that none takes on a busy machine. */
const LIMITS = { cpuSeconds: 150, seconds: 1_200 };

export class EndlessWatch {
  readonly #worker: Worker;

  constructor(limits = LIMITS) {
    const script = new URL("./endless-watch-thread.js", import.meta.url);
    this.#worker = new Worker(script, { workerData: limits, execArgv: [] });
    this.#worker.unref();
  }

  /** The file that runs from now on. */
  begins(file: string): void {
    this.#worker.postMessage(file);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
