/** Reports what the doctor does while it gathers evidence: at each phase, and once a second. */
export interface GatherProgress {
  phase: "finding members" | "reading metrics" | "waiting for the last answers" | "probing disks";
  /** Of the phase. */
  elapsedSeconds: number;
  members: number;
  /** Those whose metrics are read. */
  answering: number;
}

const EVERY_MS = 1_000;

export class GatherProgressReport {
  readonly #report: (progress: GatherProgress) => void;
  readonly #timer: NodeJS.Timeout;
  #phase: GatherProgress["phase"] = "finding members";
  #startMs = performance.now();
  #seen = { members: 0, answering: 0 };

  /** The first phase begins. */
  constructor(report: (progress: GatherProgress) => void) {
    this.#report = report;
    this.#timer = setInterval(() => this.#now(), EVERY_MS);
    this.#now();
  }

  begin(phase: GatherProgress["phase"], seen = this.#seen): void {
    this.#phase = phase;
    this.#seen = seen;
    this.#startMs = performance.now();
    // Mostly there is nothing to wait for, which is not worth a line.
    if (phase !== "waiting for the last answers") this.#now();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #now(): void {
    const elapsedSeconds = (performance.now() - this.#startMs) / 1_000;
    this.#report({ phase: this.#phase, elapsedSeconds, ...this.#seen });
  }
}
