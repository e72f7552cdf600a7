/**
 * Keeps what a terminal shows of a run while it goes on: the last minute, the latencies of all requests so
 * far, the members' last readings, and the events. Each run of a search begins anew.
 */
import { MemberSeries } from "../../etcd/member-series.ts";
import type { MemberMetrics } from "../../etcd/metrics.ts";
import type { ObservedEvent, ObservedSeries, RunObserver } from "../../run/observer.ts";
import type { ClosedInterval } from "../../run/open-interval.ts";
import type { RunProgress } from "../../run/progress.ts";
import { LatencyHistogram } from "../../stats/histogram.ts";

/** The last minute has so many of them. */
const SECONDS = 60;
/** A member is read each second, and an answer may take two: one that is silent for longer is not as it was. */
const STALE_MS = 3_500;

export interface LiveSecond {
  ratePerSec: number;
  p50Ms: number | null;
  /** Of too few requests the maximum, or what p99 is at least. */
  p99Ms: number | null;
}

export interface LiveMember {
  name: string;
  rssBytes: number | null;
  /** Of one core, and the p99 of its fsyncs: since the reading before. */
  cpuPercent: number | null;
  walFsyncP99Ms: number | null;
}

const NO_READING = { rssBytes: null, cpuPercent: null, walFsyncP99Ms: null };

export class LiveFigures implements RunObserver {
  /** The oldest first. */
  seconds: readonly LiveSecond[] = [];
  /** In the order of their numbers. */
  events: readonly ObservedEvent[] = [];
  /** Made with the first second. */
  #latencies: LatencyHistogram | null = null;
  #clock: "response" | "service" = "service";
  readonly #members = new Map<string, MemberSeries>();
  readonly #onChange: () => void;
  readonly #nowMs: () => number;

  /** @param onChange called when something is to be seen at once, such as an event */
  constructor(onChange: () => void = () => {}, nowMs: () => number = () => performance.now()) {
    this.#onChange = onChange;
    this.#nowMs = nowMs;
  }

  onStart(): void {
    this.seconds = [];
    this.events = [];
    this.#latencies?.destroy();
    this.#latencies = null;
    this.#members.clear();
  }

  onSecond({ isWhole, isPaced }: ObservedSeries, second: ClosedInterval): void {
    if (!isWhole) return;
    this.#clock = isPaced ? "response" : "service";
    const encoded = isPaced ? second.responseTime : second.serviceTime;
    if (encoded === null) return;
    this.#latencies ??= new LatencyHistogram();
    this.#latencies.addEncoded(encoded);
  }

  onReading(member: string, reading: MemberMetrics): void {
    const series = this.#members.get(member) ?? new MemberSeries();
    this.#members.set(member, series);
    series.add(reading, this.#nowMs());
  }

  onEvent(event: ObservedEvent): void {
    const others = this.events.filter(({ number }) => number !== event.number);
    this.events = [...others, event];
    this.#onChange();
  }

  /** A second of progress; what has no rate is a change of phase. */
  progressed({ ratePerSec, p50Ms, p99Ms, p99AtLeastMs, maxMs }: RunProgress): void {
    if (ratePerSec === null) return;
    const second = { ratePerSec, p50Ms, p99Ms: p99Ms ?? p99AtLeastMs ?? maxMs };
    this.seconds = [...this.seconds, second].slice(-SECONDS);
  }

  /** HdrHistogram V2, compressed, base64; null before there is any. */
  get latencies(): { histogram: string; clock: "response" | "service" } | null {
    if (this.#latencies === null || this.#latencies.count === 0) return null;
    return { histogram: this.#latencies.toBase64(), clock: this.#clock };
  }

  get members(): LiveMember[] {
    return [...this.#members].map(([name, { last, lastAtMs }]) => {
      const isStale = this.#nowMs() - lastAtMs > STALE_MS;
      return { name, ...(isStale ? NO_READING : last) };
    });
  }

  /** No run is under way; another may follow. */
  close(): void {
    this.onStart();
  }
}
