/**
 * Reads every member's metrics during a run: once before the measured phase, each second during it,
 * once after. Runs on the main thread, costs about 3 ms a reading, and never fails a run: what cannot
 * be read becomes null and one note.
 */
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { ServerResult } from "../result/schema.ts";
import { restartNote } from "../result/target-notes.ts";
import { PageReader } from "./fetch-page.ts";
import { MemberSeries, NO_FIGURES } from "./member-series.ts";
import { type MemberMetrics, readMemberMetrics } from "./metrics.ts";
import { NO_PROCESS_FIGURES, type ProcessFigures } from "./process-figures.ts";

export interface SampledMember {
  /** In hex; a page of another member is not taken for this one's. Null: any page will do. */
  id: string | null;
  name: string;
  endpoint: string;
  /** `http(s)://host:port` to try in this order. */
  metricsUrls: readonly string[];
}

export interface SamplerOptions {
  members: readonly SampledMember[];
  /** `http(s)://host:port` each, in any order: the pages say whose they are. They replace the
   * members' own URLs; null: those are used. */
  metricsEndpoints: readonly string[] | null;
  /** For pages over TLS; absent: what Node trusts. */
  tls?: TlsMaterial | null;
  intervalMs?: number;
  /** Of one reading. */
  timeoutMs?: number;
  /** Sees each reading, by the member's name. */
  onReading?: ((member: string, reading: MemberMetrics) => void) | undefined;
  onLeaderChange?: ((change: SeenLeaderChange) => void) | undefined;
  /** What is known of a member's process, by the member's name; absent: nothing. */
  processOf?: (member: string) => ProcessFigures;
}

export interface SampledServers {
  /** In the order of the members. */
  server: ServerResult[];
  /** In the order in which they were seen. */
  leaderChanges: SeenLeaderChange[];
  notes: string[];
}

/** It has happened since the reading before. */
export interface SeenLeaderChange {
  /** Whose metrics told it first. */
  member: string;
  /** Of this thread's performance.now(). */
  atMs: number;
}

interface Watched {
  member: SampledMember;
  /** Null: no page of this member was found. */
  url: string | null;
  unreadable: string;
  series: MemberSeries;
  inFlight: AbortController | null;
  readings: number;
  missed: number;
  firstMiss: string;
}

export class MetricsSampler {
  readonly #options: SamplerOptions;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #pages: PageReader;
  readonly #watched: Watched[];
  readonly #notes: string[] = [];
  readonly #leaderChanges: SeenLeaderChange[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 1_000;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#pages = new PageReader(options.tls ?? null, true);
    this.#watched = options.members.map((member) => ({
      member,
      url: null,
      unreadable: "",
      series: new MemberSeries(),
      inFlight: null,
      readings: 0,
      missed: 0,
      firstMiss: "",
    }));
  }

  /** Takes the first reading of each member, then one each interval. Bounded by the time-out. */
  async start(): Promise<void> {
    this.#isStarted = true;
    const named = this.#options.metricsEndpoints;
    if (named === null) {
      await Promise.all(this.#watched.map((watched) => this.#findOwnPage(watched)));
    } else {
      await this.#findNamedPages(named);
    }
    this.#timer = setInterval(() => {
      for (const watched of this.#watched) {
        if (watched.url !== null && watched.inFlight === null) void this.#sample(watched);
      }
    }, this.#intervalMs);
    this.#timer.unref();
  }

  /**
   * Takes the last reading, unless there was no first one, and ends the sampling. Bounded by the time-out of one reading. The times
   * of samples count from `originMs`, of this thread's performance.now().
   */
  async stop(originMs = 0): Promise<SampledServers> {
    clearInterval(this.#timer);
    await Promise.all(
      this.#watched.map(async (watched) => {
        if (watched.url === null) return;
        watched.inFlight?.abort();
        await this.#sample(watched);
      }),
    );
    const endMs = performance.now();
    this.#pages.close();
    return {
      ...this.soFar(originMs),
      notes: [...this.#notes, ...this.#watched.flatMap((watched) => this.#notesOn(watched, endMs))],
    };
  }

  /** What has been read by now, while the sampling goes on. */
  soFar(originMs: number): SampledServers {
    return {
      server: this.#watched.map(({ member, url, series }) => ({
        endpoint: member.endpoint,
        member: member.name,
        ...(url === null ? NO_FIGURES : series.figures()),
        ...(this.#options.processOf?.(member.name) ?? NO_PROCESS_FIGURES),
        samples: url === null ? null : series.samples(originMs),
      })),
      leaderChanges: this.#leaderChanges,
      notes: [],
    };
  }

  /** Tries the member's URLs in turn. */
  async #findOwnPage(watched: Watched): Promise<void> {
    const faults: string[] = [];
    for (const url of watched.member.metricsUrls) {
      try {
        const reading = await this.#read(url);
        const { id } = watched.member;
        if (id === null || reading.memberId === id) return this.#take(watched, url, reading);
        faults.push(`${url}: ${otherOwner(reading)}`);
      } catch (error) {
        faults.push(`${url}: ${(error as Error).message}`);
      }
    }
    const why =
      faults.length === 0
        ? "it advertises no client URL of the kind that is spoken here"
        : faults.join("; ");
    watched.unreadable = `${why}; name its metrics URL with --metrics-endpoints`;
  }

  async #findNamedPages(urls: readonly string[]): Promise<void> {
    const pages = await Promise.all(
      urls.map(async (url) => {
        try {
          return { url, reading: await this.#read(url), fault: "" };
        } catch (error) {
          return { url, reading: null, fault: (error as Error).message };
        }
      }),
    );
    for (const { url, reading, fault } of pages) {
      const owner =
        reading &&
        this.#watched.find(({ member }) => member.id === null || member.id === reading.memberId);
      if (owner) {
        if (owner.url === null) this.#take(owner, url, reading);
      } else {
        const why = reading === null ? fault : otherOwner(reading);
        this.#notes.push(`--metrics-endpoints ${url} is of no use: ${why}.`);
      }
    }
    for (const watched of this.#watched) {
      watched.unreadable = "no URL of --metrics-endpoints answers as this member";
    }
  }

  async #sample(watched: Watched): Promise<void> {
    const abort = new AbortController();
    watched.inFlight = abort;
    try {
      const reading = await this.#read(watched.url!, abort.signal);
      const { id } = watched.member;
      if (id !== null && reading.memberId !== id) throw new Error(otherOwner(reading));
      if (!abort.signal.aborted) {
        this.#take(watched, watched.url!, reading);
        this.#lookForLeaderChanges(watched);
      }
    } catch (error) {
      // Aborted is what stop() does to make room for the last reading: no miss.
      if (!abort.signal.aborted) {
        if (watched.missed === 0) watched.firstMiss = (error as Error).message;
        watched.missed++;
      }
    }
    if (watched.inFlight === abort) watched.inFlight = null;
  }

  async #read(url: string, signal?: AbortSignal): Promise<MemberMetrics> {
    const page = await this.#pages.read(`${url}/metrics`, { timeoutMs: this.#timeoutMs, signal });
    return readMemberMetrics(page);
  }

  #take(watched: Watched, url: string, reading: MemberMetrics): void {
    watched.url = url;
    watched.readings++;
    watched.series.add(reading, performance.now());
    this.#options.onReading?.(watched.member.name, reading);
  }

  /** All members count the same ones: one is new where more were counted than are known. */
  #lookForLeaderChanges({ member, series }: Watched): void {
    while (this.#leaderChanges.length < series.leaderChangesSeen) {
      const change = { member: member.name, atMs: series.lastAtMs };
      this.#leaderChanges.push(change);
      this.#options.onLeaderChange?.(change);
    }
  }

  #notesOn(watched: Watched, endMs: number): string[] {
    if (!this.#isStarted) return [];
    const who = `member ${watched.member.name}`;
    if (watched.url === null)
      return [`The metrics of ${who} were not read: ${watched.unreadable}.`];
    const notes: string[] = [];
    const { readings, missed, firstMiss, series } = watched;
    if (missed > 0) {
      const sinceSeconds = ((endMs - series.lastAtMs) / 1000).toFixed(1);
      notes.push(
        `The metrics of ${who}: ${missed} of ${readings + missed} readings failed (first: ${firstMiss}); the last that did not is from ${sinceSeconds} s before the end.`,
      );
    }
    if (series.restarts > 0) {
      notes.push(restartNote(watched.member.name, series.restarts));
    }
    return notes;
  }
}

function otherOwner(reading: MemberMetrics): string {
  return reading.memberId === null
    ? "its page is not that of an etcd member"
    : `its page is that of member ${reading.memberId}`;
}
