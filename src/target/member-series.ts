/**
 * Owns one member's readings over a run, folded into the figures of a ServerResult as they come:
 * what a counter rose by, across restarts of the process as Prometheus' increase() has it.
 */
import type { ServerResult } from "../result/schema.ts";
import { type Buckets, histogramQuantile, type MemberMetrics } from "./metrics.ts";

export type ServerFigures = Omit<ServerResult, "endpoint" | "member">;

export const NO_FIGURES: ServerFigures = {
  rssMeanBytes: null,
  rssMaxBytes: null,
  cpuSeconds: null,
  cpuPercent: null,
  walFsyncP99Ms: null,
  backendCommitP99Ms: null,
  leaderChanges: null,
  slowApplies: null,
  failedProposals: null,
  dbSizeBytes: null,
};

const COUNTERS = ["cpuSeconds", "leaderChanges", "slowApplies", "failedProposals"] as const;
const HISTOGRAMS = ["walFsync", "backendCommit"] as const;
type Counter = (typeof COUNTERS)[number];
type Histogram = (typeof HISTOGRAMS)[number];

export class MemberSeries {
  #previous: MemberMetrics | null = null;
  #firstAtMs = 0;
  #lastAtMs = 0;
  #restarts = 0;
  #rssSumBytes = 0;
  #rssMaxBytes = 0;
  #rssReadings = 0;
  #processStartSeconds: number | null = null;
  /** Where each stood when it was last on the page of this process. */
  readonly #seen = new Map<Counter, number>();
  readonly #seenBuckets = new Map<Histogram, Buckets>();
  /** What each rose by; a family that was never seen has no entry. */
  readonly #counterRise = new Map<Counter, number>();
  readonly #bucketRise = new Map<Histogram, Buckets>();
  #leaderChangesSeen = 0;

  /** What this member saw of them; the first leader that a new process hears of is no change. */
  get leaderChangesSeen(): number {
    return this.#leaderChangesSeen;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** When the last reading was taken, in the caller's milliseconds. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  add(reading: MemberMetrics, atMs: number): void {
    const previous = this.#previous;
    if (previous === null) this.#firstAtMs = atMs;
    this.#lastAtMs = atMs;
    this.#previous = reading;
    if (this.#isRestart(reading)) {
      this.#restarts++;
      this.#seen.clear();
      this.#seenBuckets.clear();
    }

    this.#processStartSeconds = reading.processStartSeconds ?? this.#processStartSeconds;

    if (reading.rssBytes !== null) {
      this.#rssSumBytes += reading.rssBytes;
      this.#rssMaxBytes = Math.max(this.#rssMaxBytes, reading.rssBytes);
      this.#rssReadings++;
    }
    const knownChanges = this.#seen.get("leaderChanges");
    if (knownChanges !== undefined && reading.leaderChanges !== null) {
      this.#leaderChangesSeen += reading.leaderChanges - knownChanges;
    }
    for (const name of COUNTERS) {
      const now = reading[name];
      if (now === null) continue;
      // A series appears with its first event, so one that was not there yet stood at 0.
      const before = previous === null ? now : (this.#seen.get(name) ?? 0);
      this.#seen.set(name, now);
      this.#counterRise.set(name, (this.#counterRise.get(name) ?? 0) + now - before);
    }
    for (const name of HISTOGRAMS) {
      const now = reading[name];
      if (now === null) continue;
      const before = previous === null ? now : this.#seenBuckets.get(name);
      this.#seenBuckets.set(name, now);
      const rise = this.#bucketRise.get(name) ?? { bounds: now.bounds, counts: [] };
      rise.counts = now.counts.map(
        (count, i) => (rise.counts[i] ?? 0) + count - (before?.counts[i] ?? 0),
      );
      this.#bucketRise.set(name, rise);
    }
  }

  /** Over the time from the first reading to the last; all null without a reading. */
  figures(): ServerFigures {
    const seconds = (this.#lastAtMs - this.#firstAtMs) / 1000;
    const cpuSeconds = this.#counterRise.get("cpuSeconds") ?? null;
    return {
      rssMeanBytes: this.#rssReadings === 0 ? null : this.#rssSumBytes / this.#rssReadings,
      rssMaxBytes: this.#rssReadings === 0 ? null : this.#rssMaxBytes,
      cpuSeconds,
      cpuPercent: cpuSeconds === null || seconds <= 0 ? null : (100 * cpuSeconds) / seconds,
      walFsyncP99Ms: this.#p99Ms("walFsync"),
      backendCommitP99Ms: this.#p99Ms("backendCommit"),
      leaderChanges: this.#counterRise.get("leaderChanges") ?? null,
      slowApplies: this.#counterRise.get("slowApplies") ?? null,
      failedProposals: this.#counterRise.get("failedProposals") ?? null,
      dbSizeBytes: this.#previous?.dbSizeBytes ?? null,
    };
  }

  /** Counters start anew with the process; where its start is not exposed, its CPU time tells. */
  #isRestart({ processStartSeconds, cpuSeconds }: MemberMetrics): boolean {
    const startedBefore = this.#processStartSeconds;
    if (processStartSeconds !== null && startedBefore !== null) {
      return processStartSeconds !== startedBefore;
    }
    return cpuSeconds !== null && cpuSeconds < (this.#seen.get("cpuSeconds") ?? 0);
  }

  #p99Ms(name: Histogram): number | null {
    const rise = this.#bucketRise.get(name);
    const seconds = rise === undefined ? null : histogramQuantile(0.99, rise);
    return seconds === null ? null : seconds * 1000;
  }
}
