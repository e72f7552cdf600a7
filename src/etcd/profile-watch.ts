/**
 * Takes etcd's own profiles (Go's pprof) window after window while load runs, and keeps those of the
 * slowest window alone. Never fails a run: what cannot be had becomes a note.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { ProfileKind } from "../plan/schema.ts";
import { PageReader } from "./fetch-page.ts";

/** A member whose profiles are taken. */
export interface ProfiledMember {
  name: string;
  /** `http(s)://host:port` of its client port, to try in this order. */
  metricsUrls: readonly string[];
}

export interface ProfileWatchOptions {
  members: readonly ProfiledMember[];
  kinds: readonly ProfileKind[];
  tls: TlsMaterial | null;
  /** Whole seconds. */
  windowSeconds?: number;
}

/** A profile as etcd sent it: protobuf, compressed by gzip. */
export interface TakenProfile {
  member: string;
  kind: ProfileKind;
  /** Milliseconds of this thread's performance.now(). */
  fromMs: number;
  toMs: number;
  bytes: Buffer;
}

/** Profiles of all members over the same time. */
interface Window {
  fromMs: number;
  toMs: number;
  profiles: TakenProfile[];
}

interface Stretch {
  fromMs: number;
  toMs: number;
  slownessMs: number;
}

const WINDOW_SECONDS = 2;
/** Beyond what the profile itself takes. */
const FETCH_WITHIN_MS = 5_000;
/** After which all is known of how slow a window was: seconds are reported once they are over. */
const KNOWN_AFTER_MS = 3_000;

export class ProfileWatch {
  readonly #options: ProfileWatchOptions;
  readonly #windowMs: number;
  readonly #pages: PageReader;
  /** By member, where its profiles are. */
  readonly #urls = new Map<string, string>();
  readonly #notes: string[] = [];
  /** By member, why one of its profiles was not had, and how often that happened. */
  readonly #faults = new Map<string, { reason: string; count: number }>();
  readonly #stretches: Stretch[] = [];
  /** The slowest so far, and those of which it is not known yet how slow they were. */
  #windows: Window[] = [];
  #isOver = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ProfileWatchOptions) {
    this.#options = options;
    this.#windowMs = (options.windowSeconds ?? WINDOW_SECONDS) * 1000;
    this.#pages = new PageReader(options.tls, true);
  }

  /** Finds out which members serve profiles. */
  async start(): Promise<void> {
    await Promise.all(this.#options.members.map((member) => this.#find(member)));
  }

  /** The load begins: the first window does, too. */
  begin(): void {
    if (this.#urls.size > 0) this.#loop = this.#takeWindows();
  }

  /** How slow a stretch of the load was, such as a second. Times are of performance.now(). */
  add(stretch: Stretch): void {
    this.#stretches.push(stretch);
  }

  /** Waits for the window under way, and gives the profiles of the slowest one. */
  async stop(): Promise<{ profiles: TakenProfile[]; notes: string[] }> {
    this.#isOver = true;
    await this.#loop;
    this.#pages.close();
    this.#keepSlowest(Number.POSITIVE_INFINITY);
    const failed = [...this.#faults].map(
      ([member, { reason, count }]) =>
        `--pprof: ${count} profiles of member ${member} could not be had (first: ${reason}).`,
    );
    return { profiles: this.#windows[0]?.profiles ?? [], notes: [...this.#notes, ...failed] };
  }

  async #find({ name, metricsUrls }: ProfiledMember): Promise<void> {
    let fault = "it advertises no client URL of the kind that is spoken here";
    for (const url of metricsUrls) {
      try {
        await this.#pages.read(`${url}/debug/pprof/cmdline`, { timeoutMs: FETCH_WITHIN_MS });
        this.#urls.set(name, url);
        return;
      } catch (error) {
        fault = `${url}: ${(error as Error).message}`;
      }
    }
    this.#notes.push(
      `--pprof: member ${name} serves no profiles (${fault}); start etcd with --enable-pprof.`,
    );
  }

  async #takeWindows(): Promise<void> {
    while (!this.#isOver) {
      const fromMs = performance.now();
      const taken = await Promise.all(
        [...this.#urls].map(([member, url]) => this.#takeOf(member, url, fromMs)),
      );
      const profiles = taken.flat();
      const toMs = performance.now();
      if (profiles.length > 0) this.#windows.push({ fromMs, toMs, profiles });
      // A member that refuses at once is not asked again and again.
      const restMs = this.#windowMs - (toMs - fromMs);
      if (!this.#isOver && restMs > 0) await delay(restMs);
      this.#keepSlowest(performance.now() - KNOWN_AFTER_MS);
    }
  }

  /** CPU over the window, the heap at its end. */
  async #takeOf(member: string, url: string, fromMs: number): Promise<TakenProfile[]> {
    const { kinds } = this.#options;
    const profiles: TakenProfile[] = [];
    const take = async (kind: ProfileKind, path: string, takesMs: number) => {
      try {
        const timeoutMs = takesMs + FETCH_WITHIN_MS;
        const page = await this.#pages.read(`${url}/debug/pprof/${path}`, { timeoutMs });
        const bytes = Buffer.from(page, "latin1");
        profiles.push({ member, kind, fromMs, toMs: performance.now(), bytes });
      } catch (error) {
        const known = this.#faults.get(member);
        if (known !== undefined) known.count += 1;
        else this.#faults.set(member, { reason: (error as Error).message, count: 1 });
      }
    };
    const seconds = this.#windowMs / 1000;
    if (kinds.includes("cpu")) await take("cpu", `profile?seconds=${seconds}`, this.#windowMs);
    else await delay(this.#windowMs);
    if (kinds.includes("heap")) await take("heap", "heap", 0);
    return profiles;
  }

  /** Of the windows that ended before `knownUntilMs` the slowest stays, and later ones do. */
  #keepSlowest(knownUntilMs: number): void {
    const known = this.#windows.filter(({ toMs }) => toMs <= knownUntilMs);
    const later = this.#windows.filter(({ toMs }) => toMs > knownUntilMs);
    let slowest: Window | null = null;
    for (const window of known) {
      if (slowest === null || this.#slownessOf(window) > this.#slownessOf(slowest)) {
        slowest = window;
      }
    }
    this.#windows = [...(slowest === null ? [] : [slowest]), ...later];
    // What the windows that are left have nothing of is not needed any more.
    const fromMs = Math.min(...this.#windows.map((window) => window.fromMs), knownUntilMs);
    const first = this.#stretches.findIndex(({ toMs }) => toMs >= fromMs);
    this.#stretches.splice(0, first < 0 ? this.#stretches.length : first);
  }

  /** Of the slowest stretch that was under way in the window; 0 where none was. */
  #slownessOf(window: Window): number {
    return this.#stretches
      .filter(({ fromMs, toMs }) => fromMs < window.toMs && toMs > window.fromMs)
      .reduce((most, { slownessMs }) => Math.max(most, slownessMs), 0);
  }
}
