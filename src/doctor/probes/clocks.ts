/**
 * Compares the clocks of the members by the Date header of their HTTP answers. The header has whole
 * seconds: each answer bounds how far a clock is from the client's, and many answers bound it closely.
 */
import type { PageReader } from "../../etcd/fetch-page.ts";
import { pause } from "./round-trips.ts";
import { boundMs } from "./window-bound.ts";

const PAGE_TIMEOUT_MS = 3_000;
/** Neither a second nor a part of one, so that answers come at all parts of a second. */
const EVERY_MS = 370;
const DATE_STEP_MS = 1_000;

/** How far a member's clock is ahead of the client's: between these two, in milliseconds. */
export interface ClockOffset {
  member: string;
  /** Null: no answer had a date, or the clock was set meanwhile. */
  leastMs: number | null;
  mostMs: number | null;
}

/** How far the two members' clocks that differ most are apart; null where fewer than two are known. */
export interface ClockSpread {
  members: [string, string];
  leastMs: number;
  mostMs: number;
}

export interface ClockOptions {
  member: string;
  /** `http(s)://host:port` of a port that serves HTTP. */
  url: string;
  pages: PageReader;
  untilMs: number;
  signal: AbortSignal;
}

/** Never rejects: a member that does not answer has no offset. */
export async function probeClock(options: ClockOptions): Promise<ClockOffset> {
  const { member, url, pages, untilMs, signal } = options;
  const bounds = new OffsetBounds();
  do {
    const sentMs = wallMs();
    const date = await pages
      .readDated(`${url}/version`, { timeoutMs: boundMs(PAGE_TIMEOUT_MS, untilMs), signal })
      .then((page) => page.date)
      .catch(() => null);
    if (date !== null) bounds.add({ sentMs, receivedMs: wallMs(), dateMs: date });
    await pause(EVERY_MS, signal);
  } while (performance.now() < untilMs && !signal.aborted);
  return { member, ...bounds.result() };
}

export class OffsetBounds {
  #leastMs = Number.NEGATIVE_INFINITY;
  #mostMs = Number.POSITIVE_INFINITY;

  /** The member's clock was in [dateMs, dateMs + 1 s) at some time in [sentMs, receivedMs]. */
  add({ sentMs, receivedMs, dateMs }: { sentMs: number; receivedMs: number; dateMs: number }) {
    this.#leastMs = Math.max(this.#leastMs, dateMs - receivedMs);
    this.#mostMs = Math.min(this.#mostMs, dateMs + DATE_STEP_MS - sentMs);
  }

  result(): Pick<ClockOffset, "leastMs" | "mostMs"> {
    const isKnown = Number.isFinite(this.#leastMs) && this.#leastMs <= this.#mostMs;
    return isKnown
      ? { leastMs: this.#leastMs, mostMs: this.#mostMs }
      : { leastMs: null, mostMs: null };
  }
}

export function clockSpread(offsets: readonly ClockOffset[]): ClockSpread | null {
  let widest: ClockSpread | null = null;
  const known = offsets.flatMap(({ member, leastMs, mostMs }) =>
    leastMs === null || mostMs === null ? [] : [{ member, leastMs, mostMs }],
  );
  for (const [at, one] of known.entries()) {
    for (const other of known.slice(at + 1)) {
      const spread: ClockSpread = {
        members: [one.member, other.member],
        leastMs: Math.max(0, one.leastMs - other.mostMs, other.leastMs - one.mostMs),
        mostMs: Math.max(one.mostMs - other.leastMs, other.mostMs - one.leastMs),
      };
      const isWider =
        widest === null ||
        spread.leastMs > widest.leastMs ||
        (spread.leastMs === widest.leastMs && spread.mostMs > widest.mostMs);
      if (isWider) widest = spread;
    }
  }
  return widest;
}

/** The client's wall clock, which no correction moves within this process. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
