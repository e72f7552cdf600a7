/** Reads a member's memory: after a garbage collection where etcd lets bench force one. */
import { setTimeout as delay } from "node:timers/promises";
import { BenchError, EXIT, unreachableError } from "../errors.ts";
import type { PageReader } from "../etcd/fetch-page.ts";
import { MemberSeries } from "../etcd/member-series.ts";
import { numberOf, readMemberMetrics } from "../etcd/metrics.ts";
import type { MemoryReading } from "./report-schema.ts";

const READ_WITHIN_MS = 10_000;
/** What the load asked for is there soon, on a busy machine too. */
const THERE_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 20;

export interface MeterOptions {
  pages: PageReader;
  /** `http(s)://host:port` of the member's metrics, and of its profiles. */
  metricsUrl: string;
  profilesUrl: string;
}

export class Meter {
  readonly #options: MeterOptions;
  readonly #series = new MemberSeries();
  /** Whether etcd serves its profiles, which is with `--enable-pprof`; null: not known yet. */
  #hasProfiles: boolean | null = null;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  get hasForcedCollection(): boolean {
    return this.#hasProfiles ?? false;
  }

  /** How often the member's process was another one than at the reading before. */
  get restarts(): number {
    return this.#series.restarts;
  }

  /** @throws BenchError (unreachable) where the member's metrics cannot be read */
  async read(): Promise<MemoryReading> {
    await this.#collectGarbage();
    const page = await this.#page();
    this.#series.add(readMemberMetrics(page), performance.now());
    return {
      rssBytes: numberOf(page, "process_resident_memory_bytes"),
      heapBytes: numberOf(page, "go_memstats_heap_alloc_bytes"),
      stackBytes: numberOf(page, "go_memstats_stack_inuse_bytes"),
      goroutines: numberOf(page, "go_goroutines"),
    };
  }

  /** A number of the member's metrics; null where it is missing. */
  async gauge(name: string): Promise<number | null> {
    return numberOf(await this.#page(), name);
  }

  /** Pages of the database that new data takes before it grows; null where that is not told. */
  async freePagesBytes(): Promise<number | null> {
    const page = await this.#page();
    const [all, used] = [
      numberOf(page, "etcd_mvcc_db_total_size_in_bytes"),
      numberOf(page, "etcd_mvcc_db_total_size_in_use_in_bytes"),
    ];
    return all === null || used === null ? null : all - used;
  }

  /** @throws BenchError where the gauge does not get there in time */
  async awaitGauge(name: string, atLeast: number, signal?: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + THERE_WITHIN_MS;
    for (;;) {
      const value = await this.gauge(name);
      if (value === null || value >= atLeast || signal?.aborted) return;
      if (performance.now() > deadlineMs) {
        throw new BenchError(
          `${name} of ${this.#options.metricsUrl} is ${value} and was to reach ${atLeast}; try fewer`,
          EXIT.failed,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  async #collectGarbage(): Promise<void> {
    if (this.#hasProfiles === false) return;
    try {
      await this.#read(`${this.#options.profilesUrl}/debug/pprof/heap?gc=1`);
      this.#hasProfiles = true;
    } catch (error) {
      // Known to be on, it must be there; else etcd runs without it, and its own collections have to do.
      if (this.#hasProfiles === true) throw this.#unreachable(error);
      this.#hasProfiles = false;
    }
  }

  async #page(): Promise<string> {
    try {
      return await this.#read(`${this.#options.metricsUrl}/metrics`);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #read(url: string): Promise<string> {
    return this.#options.pages.read(url, { timeoutMs: READ_WITHIN_MS });
  }

  #unreachable(error: unknown): BenchError {
    return unreachableError(
      `the metrics of ${this.#options.metricsUrl} could not be read: ${(error as Error).message}; ` +
        "name them with --metrics-endpoints",
      error,
    );
  }
}
