/** Reads the metrics page of one member over a window: at its beginning, each second, and at its end. */
import type { PageReader } from "../etcd/fetch-page.ts";
import { type MetricsPage, parseMetricsPage } from "../etcd/metrics-page.ts";
import type { GaugeSeen, MemberEvidence } from "./evidence.ts";

/** Those that say something of the time between two pages. */
const GAUGES = [
  "etcd_server_has_leader",
  "etcd_server_proposals_pending",
  "etcd_debugging_mvcc_slow_watcher_total",
  "etcd_debugging_mvcc_pending_events_total",
  "etcd_server_snapshot_apply_in_progress_total",
];

export interface PageSeriesOptions {
  /** In hex; a page of another member is not taken for this one's. Null: any page will do. */
  id: string | null;
  /** `http(s)://host:port` to try in this order. */
  urls: readonly string[];
  pages: PageReader;
  /** Of one reading. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;

type Seen = Pick<MemberEvidence, "first" | "last" | "seconds" | "fault" | "gauges">;

export class PageSeries {
  readonly #options: PageSeriesOptions;
  readonly #gauges = new Map<
    string,
    { readings: number; least: number; most: number; sum: number; last: number }
  >();
  #url: string | null = null;
  #first: MetricsPage | null = null;
  #firstAtMs = 0;
  #last: MetricsPage | null = null;
  #lastAtMs = 0;
  #missed = 0;
  #fault: string | null = null;
  #isReading = false;

  constructor(options: PageSeriesOptions) {
    this.#options = options;
  }

  /** Null where none could be read. */
  get first(): MetricsPage | null {
    return this.#first;
  }

  /** Tries the member's URLs in turn. Never rejects. */
  async begin(): Promise<void> {
    const faults: string[] = [];
    for (const url of this.#options.urls) {
      const page = await this.#read(url).catch((error: Error) => {
        faults.push(faultAt(url, error));
        return null;
      });
      if (page === null) continue;
      this.#url = url;
      this.#fault = null;
      this.#first = page;
      this.#firstAtMs = performance.now();
      this.#see(page);
      return;
    }
    this.#fault = faults.length === 0 ? "no URL of its metrics is known" : faults.join("; ");
  }

  /**
   * A reading within the window, unless the one before has not ended; the first one, where there is none
   * yet. Never rejects.
   */
  async sample(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      if (this.#url === null) return await this.begin();
      const page = await this.#read(this.#url);
      this.#last = page;
      this.#lastAtMs = performance.now();
      this.#see(page);
    } catch (error) {
      this.#missed++;
      this.#fault = `${this.#missed} readings failed, the last one: ${(error as Error).message}`;
    } finally {
      this.#isReading = false;
    }
  }

  result(): Seen {
    const hasBoth = this.#first !== null && this.#last !== null;
    const gauges = [...this.#gauges].map(([name, { sum, ...seen }]): [string, GaugeSeen] => {
      return [name, { ...seen, mean: sum / seen.readings }];
    });
    return {
      first: this.#first,
      last: this.#last,
      seconds: hasBoth ? (this.#lastAtMs - this.#firstAtMs) / 1_000 : null,
      fault: this.#fault,
      gauges: new Map(gauges),
    };
  }

  async #read(url: string): Promise<MetricsPage> {
    const { pages, timeoutMs = TIMEOUT_MS, id } = this.#options;
    const page = parseMetricsPage(await pages.read(`${url}/metrics`, { timeoutMs }));
    const owner = page.label("etcd_server_id", "server_id");
    if (owner === null) throw new Error("its page is not that of an etcd member");
    if (id !== null && owner !== id) throw new Error(`its page is that of member ${owner}`);
    return page;
  }

  #see(page: MetricsPage): void {
    for (const name of GAUGES) {
      const value = page.value(name);
      if (value === null) continue;
      const seen = this.#gauges.get(name);
      this.#gauges.set(name, {
        readings: (seen?.readings ?? 0) + 1,
        least: Math.min(seen?.least ?? value, value),
        most: Math.max(seen?.most ?? value, value),
        sum: (seen?.sum ?? 0) + value,
        last: value,
      });
    }
  }
}

/** `nothing listens at http://10.0.0.1:2381`. */
function faultAt(url: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return `nothing listens at ${url}`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host of ${url} does not resolve`;
    default:
      return `${url}: ${error.message}`;
  }
}
