/** Adds up counts by what they are of, and tells apart only so many: texts may differ each time. */

/** As many as a worker tells apart in a second. */
const MOST_DISTINCT = 50;

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
    const isNew = !this.#known.has(this.#keyOf(each));
    const shown = isNew && this.#known.size >= MOST_DISTINCT ? this.#further(each) : each;
    const key = this.#keyOf(shown);
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, { ...shown });
    else known.count += each.count;
  }

  /** The most frequent first. */
  result(): Of[] {
    return [...this.#known.values()].sort((a, b) => b.count - a.count);
  }
}
