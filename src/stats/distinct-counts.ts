/**
 * Adds up counts by what they are of, and tells apart only so many: texts of servers may differ each
 * time. Workers count failures and lost watchers by it, and the main thread adds theirs up.
 */

export const MOST_DISTINCT = 50;
const FURTHER_MESSAGES = "(further messages)";
/** In place of codes that gRPC does not name, of which a server may send any number. */
export const FURTHER_CODES = "(further codes)";

export interface ErrorCount {
  code: string;
  message: string;
  count: number;
}

/** The server cancelled the watcher, or its stream ended. */
export type LossCause = "cancelled" | "stream-ended";

export interface Loss {
  cause: LossCause;
  /** In the server's words where it gave some. */
  reason: string;
  count: number;
}

/** Requests that the server had not processed and that were sent again. */
export interface Resend {
  /** In the server's words. */
  reason: string;
  count: number;
}

export class DistinctCounts<Of extends { count: number }> {
  readonly #known = new Map<string, Of>();
  readonly #keyOf: (each: Of) => string;
  readonly #further: (each: Of) => Of;

  /** @param further the same without what differs: what is beyond the bound is counted under it */
  constructor(keyOf: (each: Of) => string, further: (each: Of) => Of) {
    this.#keyOf = keyOf;
    this.#further = further;
  }

  add(each: Of): void {
    if (this.#added(each)) return;
    const shown = this.#known.size >= MOST_DISTINCT ? this.#further(each) : each;
    if (!this.#added(shown)) this.#known.set(this.#keyOf(shown), { ...shown });
  }

  /** The most frequent first. */
  result(): Of[] {
    return [...this.#known.values()].sort((a, b) => b.count - a.count);
  }

  clear(): void {
    this.#known.clear();
  }

  /** False where there is none of its kind yet. */
  #added(each: Of): boolean {
    const known = this.#known.get(this.#keyOf(each));
    if (known === undefined) return false;
    known.count += each.count;
    return true;
  }
}

export function errorCounts(): DistinctCounts<ErrorCount> {
  return new DistinctCounts(
    ({ code, message }) => `${code} ${message}`,
    (error) => ({
      ...error,
      code: error.code.startsWith("CODE_") ? FURTHER_CODES : error.code,
      message: FURTHER_MESSAGES,
    }),
  );
}

/** Of several parts of a whole; the most frequent first. */
export function sumOfErrors(parts: readonly ErrorCount[]): ErrorCount[] {
  const counts = errorCounts();
  for (const each of parts) counts.add(each);
  return counts.result();
}

export function lossCounts(): DistinctCounts<Loss> {
  return new DistinctCounts(
    ({ cause, reason }) => `${cause} ${reason}`,
    (loss) => ({ ...loss, reason: FURTHER_MESSAGES }),
  );
}

export function resendCounts(): DistinctCounts<Resend> {
  return new DistinctCounts(
    ({ reason }) => reason,
    (resend) => ({ ...resend, reason: FURTHER_MESSAGES }),
  );
}
