/** Decodes header blocks, RFC 7541 section 6, and keeps the state between them. */
import { DynamicTable, ENTRY_OVERHEAD_BYTES } from "./dynamic-table.ts";
import { HpackError } from "./hpack-error.ts";
import { type Cursor, readInteger } from "./integer.ts";
import { STATIC_TABLE_LENGTH, staticEntry } from "./static-table.ts";
import { readString } from "./string-literal.ts";

export { HpackError };

/** What a peer's table holds before it has heard our SETTINGS (RFC 9113, 6.5.2). */
const DEFAULT_TABLE_SIZE_BYTES = 4096;

/** The fields of a block in their order: names[i] goes with values[i], one character an octet. */
export interface DecodedBlock {
  names: string[];
  values: string[];
  /**
   * The block neither read nor changed the dynamic table, so equal octets mean equal fields for as
   * long as the limit of the table holds. Every block is so where that limit is 0.
   */
  stateless: boolean;
}

export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxHeaderListBytes: number;
  /** What our SETTINGS_HEADER_TABLE_SIZE allows; the peer chooses its size below it. */
  #limitBytes: number;
  #resizeIsDue = false;

  /**
   * `maxTableSizeBytes` is our SETTINGS_HEADER_TABLE_SIZE. `maxHeaderListBytes` bounds each block's
   * names and values plus 32 for each field, as SETTINGS_MAX_HEADER_LIST_SIZE counts.
   *
   * A first block need not announce a table below the default: some servers never use theirs and
   * stay silent. Nothing is read wrongly for it, since indices count from the newest entry: one
   * that we did not keep is out of range and an error.
   */
  constructor(options: { maxTableSizeBytes: number; maxHeaderListBytes: number }) {
    this.#limitBytes = options.maxTableSizeBytes;
    this.#table = new DynamicTable(Math.min(DEFAULT_TABLE_SIZE_BYTES, options.maxTableSizeBytes));
    this.#maxHeaderListBytes = options.maxHeaderListBytes;
  }

  /**
   * Sets a new limit, once the peer has acknowledged the SETTINGS that hold it. If the table holds
   * more, the next block must begin with a size update (RFC 9113, 4.3.1).
   */
  setMaxTableSizeBytes(maxTableSizeBytes: number): void {
    this.#limitBytes = maxTableSizeBytes;
    if (this.#table.sizeBytes > maxTableSizeBytes) this.#resizeIsDue = true;
    if (this.#table.maxSizeBytes > maxTableSizeBytes) this.#table.resize(maxTableSizeBytes);
  }

  /** Decodes the whole block in [start, end) of `block`. Throws HpackError and nothing else. */
  decode(block: Uint8Array, start: number, end: number): DecodedBlock {
    const cursor: Cursor = { bytes: block, position: start, end };
    const names: string[] = [];
    const values: string[] = [];
    let budgetBytes = this.#maxHeaderListBytes;
    let touchesTable = false;

    while (cursor.position < end) {
      const first = block[cursor.position]!;

      if ((first & 0xe0) === 0x20) {
        // Dynamic table size update (6.3), allowed before the first field only (4.2).
        if (names.length > 0) throw new HpackError("table size update after a header field");
        this.#resize(readInteger(cursor, 5));
        touchesTable = true;
        continue;
      }
      if (this.#resizeIsDue) throw new HpackError("table size update is missing");

      budgetBytes -= ENTRY_OVERHEAD_BYTES;
      let name: string;
      let value: string;
      if (first >= 0x80) {
        // Indexed field (6.1).
        const index = readInteger(cursor, 7);
        touchesTable ||= index > STATIC_TABLE_LENGTH;
        [name, value] = this.#entry(index);
        budgetBytes -= name.length + value.length;
      } else {
        // Literal: with incremental indexing (6.2.1), without (6.2.2), never indexed (6.2.3).
        const isIndexing = first >= 0x40;
        const nameIndex = readInteger(cursor, isIndexing ? 6 : 4);
        touchesTable ||= isIndexing || nameIndex > STATIC_TABLE_LENGTH;
        name =
          nameIndex === 0
            ? readString(cursor, Math.max(0, budgetBytes))
            : this.#entry(nameIndex)[0];
        budgetBytes -= name.length;
        value = readString(cursor, Math.max(0, budgetBytes));
        budgetBytes -= value.length;
        if (isIndexing) this.#table.insert(name, value);
      }
      if (budgetBytes < 0) throw new HpackError("header list is larger than allowed");
      names.push(name);
      values.push(value);
    }
    return { names, values, stateless: !touchesTable || this.#limitBytes === 0 };
  }

  #resize(sizeBytes: number): void {
    if (sizeBytes > this.#limitBytes) {
      throw new HpackError(`table size update to ${sizeBytes}, above ${this.#limitBytes}`);
    }
    this.#table.resize(sizeBytes);
    this.#resizeIsDue = false;
  }

  #entry(index: number): readonly [name: string, value: string] {
    if (index === 0) throw new HpackError("header field of index 0");
    if (index <= STATIC_TABLE_LENGTH) return staticEntry(index);
    const entry = this.#table.at(index - STATIC_TABLE_LENGTH - 1);
    if (entry === undefined) throw new HpackError(`header field of index ${index}, not in table`);
    return [entry.name, entry.value];
  }
}
