/**
 * Sends an agent's reports in frames: about one a second while load runs, with the seconds of all its
 * workers, and at once where the coordinator waits for an answer.
 */
import type { Frame, Report } from "./protocol.ts";

/** A worker that is late holds the others' seconds up for no longer. */
const LATEST_MS = 500;
const WAITED_FOR = new Set<Report["type"]>([
  "pong",
  "opened",
  "phase-done",
  "token-wanted",
  "failed",
]);

export interface ReportQueueOptions {
  session: string;
  chunksOf: (frame: Frame) => readonly Buffer[];
  put: (chunk: Buffer) => Promise<void>;
  onFailed: (reason: string) => void;
}

export class ReportQueue {
  readonly #options: ReportQueueOptions;
  #reports: Report[] = [];
  #seconds = 0;
  /** Workers, each of which reports a second. */
  #workers = 1;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: ReportQueueOptions) {
    this.#options = options;
  }

  expect(workers: number): void {
    this.#workers = workers;
  }

  add(report: Report): void {
    if (this.#isOver) return;
    this.#reports.push(report);
    if (report.type === "second") this.#seconds += 1;
    if (WAITED_FOR.has(report.type) || this.#seconds >= this.#workers) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), LATEST_MS);
  }

  /** Resolves when all that was added is in the coordination etcd. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { session, chunksOf, put, onFailed } = this.#options;
    const { user, system } = process.cpuUsage();
    const chunks = chunksOf({
      ...{ session, reports: this.#reports },
      ...{ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() },
    });
    this.#reports = [];
    this.#seconds = 0;
    // One after another: they are numbered.
    this.#sending = this.#sending
      .then(async () => {
        for (const chunk of chunks) if (!this.#isOver) await put(chunk);
      })
      .catch((error: Error) => onFailed(`its reports cannot be sent: ${error.message}`));
  }
}
