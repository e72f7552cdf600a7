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
  #busyMax: number | null = null;
  #delayP50MaxMs: number | null = null;
  #delayP99MaxMs: number | null = null;
  #cpuWaitMax: number | null = null;
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
   * @param durationMs what the slice is limited to; null: it is not
   */
  end(done: readonly PhaseDoneMessage[], durationMs: number | null = null): void {
    if (this.#cpuAtStart === null) return;
    const ends = done.map((each) => Math.max(each.lastEndNs, each.lastEffectNs ?? 0));
    const lastEndNs = Math.max(this.#startNs + (durationMs ?? 0) * NS_PER_MS, ...ends);
    const isKnown = lastEndNs > this.#startNs;
    const { cpuMicros, elapsedMs } = this.#soFar(isKnown ? lastEndNs : Number.POSITIVE_INFINITY);
    this.#cpuAtStart = null;
    this.#cpuMicros = cpuMicros;
    this.#elapsedMs = elapsedMs;
    this.#ownPauses.stop();
    this.sampleMemory();
    for (const each of done) {
      const { busyFraction, eventLoopDelayP50Ms, eventLoopDelayP99Ms, cpuWaitFraction } = each;
      this.#delayP50MaxMs = Math.max(this.#delayP50MaxMs ?? 0, eventLoopDelayP50Ms);
      if (cpuWaitFraction !== null) {
        this.#cpuWaitMax = Math.max(this.#cpuWaitMax ?? 0, cpuWaitFraction);
      }
      this.#busyMax = Math.max(this.#busyMax ?? 0, busyFraction);
      this.#delayP99MaxMs = Math.max(this.#delayP99MaxMs ?? 0, eventLoopDelayP99Ms);
    }
  }

  /** `ended` counts the requests that ended in the measured slices; `originNs` is the run's start. */
  result(load: RunPlan["load"], workers: number, ended: number, originNs: number): ClientResult {
    const { cpuMicros, elapsedMs } = this.#soFar();
    return {
      transport: load.transport,
      workers,
      connections: load.connections,
      clients: load.clients,
      cpuMicrosPerRequest: ended > 0 ? cpuMicros / ended : null,
      cpuSeconds: elapsedMs > 0 ? cpuMicros / 1e6 : null,
      cpuPercent: elapsedMs > 0 ? cpuMicros / elapsedMs / 10 : null,
      busyPercentMax: this.#busyMax === null ? null : this.#busyMax * 100,
      eventLoopDelayP50Ms: this.#delayP50MaxMs,
      eventLoopDelayP99Ms: this.#delayP99MaxMs,
      cpuWaitPercentMax: this.#cpuWaitMax === null ? null : this.#cpuWaitMax * 100,
      dispatchLagP50Ms: this.#lagMs(50),
      dispatchLagP99Ms: this.#lagMs(99),
      dispatchLagTotalMs: (this.#dispatchLag.count * this.#dispatchLag.meanNs) / NS_PER_MS,
      rssMaxBytes: this.#rssMaxBytes > 0 ? this.#rssMaxBytes : null,
      pauses: elapsedMs > 0 ? this.#pauses.result(originNs, elapsedMs / 1e3) : null,
    };
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
