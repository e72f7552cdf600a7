/**
 * Folds one member's readings over a run into the figures of a ServerResult as they come: of a counter
 * its rise, across restarts of the process as Prometheus' increase() has it.
 */
import type { ServerResult, ServerSamples } from "../result/schema.ts";
import {
  type Buckets,
  COUNTERS,
  type Counter,
  histogramQuantile,
  LARGEST_READ,
  LAST_READ,
  type MemberMetrics,
  numbersOf,
  PEER_COUNTERS,
  quantileBucket,
} from "./metrics.ts";
import type { ProcessFigures } from "./process-figures.ts";

export type ServerFigures = Omit<
  ServerResult,
  "endpoint" | "member" | "samples" | keyof ProcessFigures
>;

/** One reading; what counts and histograms say is over the time since the one before. */
interface Sample {
  atMs: number;
  rssBytes: number | null;
  cpuPercent: number | null;
  walFsyncP99Ms: number | null;
  backendCommitP99Ms: number | null;
}

const COUNTER_NAMES = [
  ...Object.keys({ ...COUNTERS, ...PEER_COUNTERS }),
  "peerRoundTripSeconds",
] as Counter[];
const LARGEST_NAMES = Object.keys(LARGEST_READ) as (keyof typeof LARGEST_READ)[];
const HISTOGRAMS = ["walFsync", "backendCommit", "peerRoundTrip"] as const;
type Histogram = (typeof HISTOGRAMS)[number];

/** An hour of them; each takes some 60 octets of a file. */
const MOST_SAMPLES = 3_600;

export class MemberSeries {
  #previous: MemberMetrics | null = null;
  #firstAtMs = 0;
  #lastAtMs = 0;
  #restarts = 0;
  #rssSumBytes = 0;
  #rssMaxBytes = 0;
  #rssReadings = 0;
  #processStartSeconds: number | null = null;
  /** The value of each when it was last on the page of this process. */
  readonly #seen = new Map<Counter, number>();
  readonly #seenBuckets = new Map<Histogram, Buckets>();
  /** What each rose by; a family that was never seen has no entry. */
  readonly #counterRise = new Map<Counter, number>();
  readonly #bucketRise = new Map<Histogram, Buckets>();
  readonly #largest = new Map<keyof typeof LARGEST_READ, number>();
  #samples: Sample[] = [];
  #last: Sample = {
    ...{ atMs: 0, rssBytes: null, cpuPercent: null, walFsyncP99Ms: null, backendCommitP99Ms: null },
  };
  /** Of so many readings one is kept. */
  #stride = 1;
  #readings = 0;
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
    const sinceMs = previous === null ? 0 : atMs - this.#lastAtMs;
    if (previous === null) this.#firstAtMs = atMs;
    this.#lastAtMs = atMs;
    const sample: Sample = {
      atMs,
      rssBytes: reading.rssBytes,
      cpuPercent: null,
      walFsyncP99Ms: null,
      backendCommitP99Ms: null,
    };
    this.#keep(sample);
    this.#last = sample;
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
    for (const name of COUNTER_NAMES) {
      const now = reading[name];
      if (now === null) continue;
      // A series appears with its first event, so one that was not there yet was 0.
      const before = previous === null ? now : (this.#seen.get(name) ?? 0);
      this.#seen.set(name, now);
      this.#counterRise.set(name, (this.#counterRise.get(name) ?? 0) + now - before);
      if (name === "cpuSeconds" && sinceMs > 0) {
        sample.cpuPercent = rounded((100 * (now - before) * 1000) / sinceMs);
      }
    }
    for (const name of LARGEST_NAMES) {
      const now = reading[name];
      if (now !== null) this.#largest.set(name, Math.max(now, this.#largest.get(name) ?? now));
    }
    for (const name of HISTOGRAMS) {
      const now = reading[name];
      if (now === null) continue;
      const before = previous === null ? now : this.#seenBuckets.get(name);
      this.#seenBuckets.set(name, now);
      const { bounds } = now;
      const sinceThen = now.counts.map((count, i) => count - (before?.counts[i] ?? 0));
      if (name !== "peerRoundTrip") {
        sample[`${name}P99Ms`] = p99Ms({ bounds, counts: sinceThen });
      }
      const known = this.#bucketRise.get(name)?.counts ?? [];
      const counts = sinceThen.map((count, i) => (known[i] ?? 0) + count);
      this.#bucketRise.set(name, { bounds, counts });
    }
  }

  /** Of the last reading, and what it says over the time since the one before. */
  get last(): Omit<Sample, "atMs"> {
    const { atMs: _, ...last } = this.#last;
    return last;
  }

  /** Over the time from the first reading to the last; all null without a reading. */
  figures(): ServerFigures {
    const seconds = (this.#lastAtMs - this.#firstAtMs) / 1000;
    const riseOf = (name: Counter) => this.#counterRise.get(name) ?? null;
    const { cpuSeconds, ...counters } = numbersOf({ ...COUNTERS, ...PEER_COUNTERS }, riseOf);
    return {
      rssMeanBytes: this.#rssReadings === 0 ? null : this.#rssSumBytes / this.#rssReadings,
      rssMaxBytes: this.#rssReadings === 0 ? null : this.#rssMaxBytes,
      cpuSeconds,
      cpuPercent: cpuSeconds === null || seconds <= 0 ? null : (100 * cpuSeconds) / seconds,
      walFsyncP99Ms: this.#p99Ms("walFsync"),
      backendCommitP99Ms: this.#p99Ms("backendCommit"),
      walFsyncMeanMs: this.#meanMs("walFsync", "walFsyncSeconds"),
      backendCommitMeanMs: this.#meanMs("backendCommit", "backendCommitSeconds"),
      ...this.#peerRoundTrip(),
      ...counters,
      ...numbersOf(LAST_READ, (name) => this.#previous?.[name] ?? null),
      ...numbersOf(LARGEST_READ, (name) => this.#largest.get(name) ?? null),
    };
  }

  #peerRoundTrip() {
    const rise = this.#bucketRise.get("peerRoundTrip");
    const p99 = rise === undefined ? null : quantileBucket(0.99, rise);
    const isBounded = p99 !== null && Number.isFinite(p99.upTo);
    return {
      peerRoundTripMeanMs: this.#meanMs("peerRoundTrip", "peerRoundTripSeconds"),
      peerRoundTripP99AboveMs: p99 === null ? null : p99.above * 1000,
      peerRoundTripP99UpToMs: isBounded ? p99.upTo * 1000 : null,
    };
  }

  /** In the order of time, which counts from `originMs` in the caller's milliseconds. */
  samples(originMs: number): ServerSamples {
    return {
      atSeconds: this.#samples.map(({ atMs }) => Math.round(atMs - originMs) / 1000),
      rssBytes: this.#samples.map(({ rssBytes }) => rssBytes),
      cpuPercent: this.#samples.map(({ cpuPercent }) => cpuPercent),
      walFsyncP99Ms: this.#samples.map(({ walFsyncP99Ms }) => walFsyncP99Ms),
      backendCommitP99Ms: this.#samples.map(({ backendCommitP99Ms }) => backendCommitP99Ms),
    };
  }

  /** In a long run every second one, every fourth, ... so that its file stays small. */
  #keep(sample: Sample): void {
    if (this.#readings++ % this.#stride !== 0) return;
    this.#samples.push(sample);
    if (this.#samples.length <= MOST_SAMPLES) return;
    this.#stride *= 2;
    this.#samples = this.#samples.filter((_, at) => at % 2 === 0);
  }

  /** Counters start anew with the process; where its start is not exposed, its CPU time tells. */
  #isRestart({ processStartSeconds, cpuSeconds }: MemberMetrics): boolean {
    const startedBefore = this.#processStartSeconds;
    if (processStartSeconds !== null && startedBefore !== null) {
      return processStartSeconds !== startedBefore;
    }
    return cpuSeconds !== null && cpuSeconds < (this.#seen.get("cpuSeconds") ?? 0);
  }

  /** @param sum the counter of the histogram's sum, in seconds */
  #meanMs(name: Histogram, sum: Counter): number | null {
    const count = this.#bucketRise.get(name)?.counts.at(-1) ?? 0;
    const seconds = this.#counterRise.get(sum);
    return count > 0 && seconds !== undefined ? (seconds / count) * 1000 : null;
  }

  #p99Ms(name: Histogram): number | null {
    const rise = this.#bucketRise.get(name);
    const seconds = rise === undefined ? null : histogramQuantile(0.99, rise);
    return seconds === null ? null : seconds * 1000;
  }
}

function p99Ms(rise: Buckets): number | null {
  const seconds = histogramQuantile(0.99, rise);
  return seconds === null ? null : rounded(seconds * 1000);
}

/** To the three decimals that a reading carries at most, for the size of the file. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Of a member that was never read. */
export const NO_FIGURES: ServerFigures = new MemberSeries().figures();
