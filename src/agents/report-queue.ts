/**
 * Sends an agent's reports in frames: about one a second while load runs, with the seconds of all its
 * workers, and at once where the coordinator waits for an answer.
 */
import { sharedNowNs } from "../clock.ts";
import type { Frame, Report } from "./protocol.ts";

/** A worker that is late holds the others' seconds up for no longer. */
const LATEST_MS = 500;
const WAITED_FOR = new Set<Report["type"]>([
  "opened",
  "phase-done",
  "token-wanted",
  "closed",
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
  /** Workers, each of which reports a second; 0: no load runs. */
  #workers = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void>;
  #isOver = false;
  /** Those after one that could not be sent would only be tried for as long again. */
  #hasFailed = false;

  /** @param earlier what is to be in the coordination etcd first */
  constructor(options: ReportQueueOptions, earlier: Promise<void> = Promise.resolve()) {
    this.#options = options;
    this.#sending = earlier;
  }

  /** Load begins with so many workers, or has ended: 0. */
  expect(workers: number): void {
    this.#workers = workers;
  }

  add(report: Report): void {
    if (this.#isOver) return;
    this.#reports.push(report);
    if (report.type === "second") this.#seconds += 1;
    if (report.type === "pong") {
      // While load runs it goes with the next frame, which says when it was sent.
      if (this.#workers === 0) this.#send();
      return;
    }
    const isWhole = this.#workers > 0 && this.#seconds >= this.#workers;
    if (WAITED_FOR.has(report.type) || isWhole) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), LATEST_MS);
  }

  /** Resolves when all that was added is in the coordination etcd. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  /** What was added until now is sent yet. */
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
      ...{ session, sentNs: sharedNowNs(), reports: this.#reports },
      ...{ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() },
    });
    this.#reports = [];
    this.#seconds = 0;
    // One after another: they are numbered.
    this.#sending = this.#sending
      .then(async () => {
        for (const chunk of chunks) if (!this.#hasFailed) await put(chunk);
      })
      .catch((error: Error) => {
        this.#hasFailed = true;
        onFailed(`its reports cannot be sent: ${error.message}`);
      });
  }
}
