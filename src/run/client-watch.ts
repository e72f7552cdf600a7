/** Watches the processes that send while they measure: CPU, memory, event loops, late sends. */
import { sharedNowNs } from "../clock.ts";
import type { PhaseDoneMessage } from "../load/messages.ts";
import { type Pause, PauseWatch } from "../load/pause-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { ClientResult } from "../result/schema.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { carriesPercentile, NS_PER_MS } from "../stats/latency.ts";
import type { LoadPool } from "./load-pool.ts";
import { PauseLog } from "./pause-log.ts";

/** This thread sends nothing: what stops it alone for less spoils no latency. */
const OWN_TICK_MS = 100;

/** What a worker did in a shorter slice, such as some milliseconds of opening watches, says nothing of the others. */
const LEAST_SHARE_OF_LONGEST = 0.1;

interface WatchedSlice {
  done: readonly PhaseDoneMessage[];
  series: readonly string[];
  lastedMs: number;
}

type WatchedPool = Pick<LoadPool, "cpuMicros" | "rssBytes" | "agentOf">;

export class ClientWatch {
  readonly #pool: WatchedPool;
  readonly #dispatchLag = new LatencyHistogram();
  /** Of the slice under way; null between slices. */
  #cpuAtStart: number | null = null;
  #startNs = 0;
  #cpuMicros = 0;
  #elapsedMs = 0;
  #rssMaxBytes = 0;
  readonly #slices: WatchedSlice[] = [];
  readonly #pauses = new PauseLog();
  readonly #ownPauses = new PauseWatch({
    tickMs: OWN_TICK_MS,
    onPause: (pause) => this.#pauses.add(pause, null),
  });

  constructor(pool: WatchedPool) {
    this.#pool = pool;
  }

  /** A measured slice begins. @param startNs when its load does */
  begin(startNs: number): void {
    this.#cpuAtStart = this.#pool.cpuMicros;
    this.#startNs = startNs;
    this.#ownPauses.start(startNs);
    this.sampleMemory();
  }

  addPause(pause: Pause, worker: number): void {
    this.#pauses.add(pause, worker, this.#pool.agentOf?.(worker));
  }

  sampleMemory(): void {
    this.#rssMaxBytes = Math.max(this.#rssMaxBytes, this.#pool.rssBytes);
  }

  addDispatchLag(encoded: Uint8Array): void {
    this.#dispatchLag.addEncoded(encoded);
  }

  /**
   * The slice has ended. Its time does so with the last answer, or with the schedule's, whatever is waited for
   * after it.
   * @param series what was measured in it
   * @param durationMs what the slice is limited to; null: it is not
   */
  end(
    done: readonly PhaseDoneMessage[],
    series: readonly string[],
    durationMs: number | null = null,
  ): void {
    if (this.#cpuAtStart === null) return;
    const ends = done.map((each) => Math.max(each.lastEndNs, each.lastEffectNs ?? 0));
    const lastEndNs = Math.max(this.#startNs + (durationMs ?? 0) * NS_PER_MS, ...ends);
    const isKnown = lastEndNs > this.#startNs;
    const { cpuMicros, elapsedMs } = this.#soFar(isKnown ? lastEndNs : Number.POSITIVE_INFINITY);
    this.#cpuAtStart = null;
    this.#cpuMicros = cpuMicros;
    if (done.length > 0) this.#slices.push({ done, series, lastedMs: elapsedMs - this.#elapsedMs });
    this.#elapsedMs = elapsedMs;
    this.#ownPauses.stop();
    this.sampleMemory();
  }

  /** `ended` counts the requests that ended in the measured slices; `originNs` is the run's start. */
  result(load: RunPlan["load"], workers: number, ended: number, originNs: number): ClientResult {
    const { cpuMicros, elapsedMs } = this.#soFar();
    const [busy, cpuWait] = [this.#most("busyFraction"), this.#most("cpuWaitFraction")];
    return {
      transport: load.transport,
      workers,
      connections: load.connections,
      clients: load.clients,
      cpuMicrosPerRequest: ended > 0 ? cpuMicros / ended : null,
      cpuSeconds: elapsedMs > 0 ? cpuMicros / 1e6 : null,
      cpuPercent: elapsedMs > 0 ? cpuMicros / elapsedMs / 10 : null,
      busyPercentMax: busy === null ? null : busy * 100,
      eventLoopDelayP50Ms: this.#most("eventLoopDelayP50Ms"),
      eventLoopDelayP99Ms: this.#most("eventLoopDelayP99Ms"),
      slices: this.#slices.map(({ done, series }) => ({
        series: [...series],
        eventLoopDelayP50Ms: Math.max(...done.map((each) => each.eventLoopDelayP50Ms)),
        eventLoopDelayP99Ms: Math.max(...done.map((each) => each.eventLoopDelayP99Ms)),
      })),
      cpuWaitPercentMax: cpuWait === null ? null : cpuWait * 100,
      dispatchLagP50Ms: this.#lagMs(50),
      dispatchLagP99Ms: this.#lagMs(99),
      dispatchLagTotalMs: (this.#dispatchLag.count * this.#dispatchLag.meanNs) / NS_PER_MS,
      rssMaxBytes: this.#rssMaxBytes > 0 ? this.#rssMaxBytes : null,
      pauses: elapsedMs > 0 ? this.#pauses.result(originNs, elapsedMs / 1e3) : null,
    };
  }

  /** Of all workers in all slices that are long enough; null: of none it is known. */
  #most(
    figure: "busyFraction" | "cpuWaitFraction" | "eventLoopDelayP50Ms" | "eventLoopDelayP99Ms",
  ): number | null {
    const longestMs = Math.max(...this.#slices.map(({ lastedMs }) => lastedMs));
    const known = this.#slices
      .filter(({ lastedMs }) => lastedMs >= longestMs * LEAST_SHARE_OF_LONGEST)
      .flatMap(({ done }) => done.flatMap((each) => each[figure] ?? []));
    return known.length === 0 ? null : Math.max(...known);
  }

  /** With the slice that is under way. */
  #soFar(untilNs = Number.POSITIVE_INFINITY): { cpuMicros: number; elapsedMs: number } {
    const known = { cpuMicros: this.#cpuMicros, elapsedMs: this.#elapsedMs };
    if (this.#cpuAtStart === null) return known;
    return {
      cpuMicros: known.cpuMicros + this.#pool.cpuMicros - this.#cpuAtStart,
      elapsedMs:
        known.elapsedMs + Math.max(0, Math.min(untilNs, sharedNowNs()) - this.#startNs) / NS_PER_MS,
    };
  }

  destroy(): void {
    this.#dispatchLag.destroy();
  }

  #lagMs(percentile: number): number | null {
    if (!carriesPercentile(this.#dispatchLag.count, percentile)) return null;
    return this.#dispatchLag.percentileNs(percentile) / NS_PER_MS;
  }
}
