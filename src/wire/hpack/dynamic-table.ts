/** Keeps the dynamic table, RFC 7541 sections 2.3.2 and 4: newest entry first, oldest evicted. */

/** What an entry costs in addition to its octets, in the table and in a header list (4.1). */
export const ENTRY_OVERHEAD_BYTES = 32;

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly sizeBytes: number;
}

export class DynamicTable {
  /** Oldest first, so that an insertion is a push. */
  readonly #entries: Entry[] = [];
  #sizeBytes = 0;
  #maxSizeBytes: number;

  constructor(maxSizeBytes: number) {
    this.#maxSizeBytes = maxSizeBytes;
  }

  get length(): number {
    return this.#entries.length;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get maxSizeBytes(): number {
    return this.#maxSizeBytes;
  }

  /** The entry at `index`, counted from 0 for the newest; undefined beyond the oldest. */
  at(index: number): { readonly name: string; readonly value: string } | undefined {
    return this.#entries[this.#entries.length - 1 - index];
  }

  resize(maxSizeBytes: number): void {
    this.#maxSizeBytes = maxSizeBytes;
    this.#evictTo(maxSizeBytes);
  }

  insert(name: string, value: string): void {
    const sizeBytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
    // An entry larger than the table empties it and is no error (4.4).
    this.#evictTo(Math.max(0, this.#maxSizeBytes - sizeBytes));
    if (sizeBytes > this.#maxSizeBytes) return;
    this.#entries.push({ name, value, sizeBytes });
    this.#sizeBytes += sizeBytes;
  }

  #evictTo(sizeBytes: number): void {
    while (this.#sizeBytes > sizeBytes) this.#sizeBytes -= this.#entries.shift()!.sizeBytes;
  }
}
