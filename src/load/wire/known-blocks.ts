/**
 * Owns the meanings of header blocks that came before: a block that does not touch HPACK's dynamic
 * table means the same whenever its bytes come again, and with SETTINGS_HEADER_TABLE_SIZE=0 that is
 * nearly every block. Comparing bytes is far cheaper than decoding them.
 */
import { ConnectionError, copyBytes, ErrorCode } from "./frames.ts";
import { HpackDecoder, HpackError } from "./hpack/decoder.ts";

const REMEMBERED_BLOCKS = 8;
/** Advertised as SETTINGS_MAX_HEADER_LIST_SIZE. */
export const MAX_HEADER_LIST_BYTES = 65_536;

export class KnownBlocks<Meaning> {
  readonly #decoder: HpackDecoder;
  readonly #meaningOf: (names: readonly string[], values: readonly string[]) => Meaning;
  readonly #knownBytes: Uint8Array[] = [];
  readonly #knownMeanings: Meaning[] = [];
  #replaceNext = 0;

  /** @param maxTableSizeBytes the largest dynamic table that the peer may use */
  constructor(
    maxTableSizeBytes: number,
    meaningOf: (names: readonly string[], values: readonly string[]) => Meaning,
  ) {
    this.#decoder = new HpackDecoder({
      maxTableSizeBytes,
      maxHeaderListBytes: MAX_HEADER_LIST_BYTES,
    });
    this.#meaningOf = meaningOf;
  }

  /** @throws ConnectionError where `bytes[start, end)` is no header block */
  read(bytes: Uint8Array, start: number, end: number): Meaning {
    const known = this.#knownBytes;
    for (let index = 0; index < known.length; index++) {
      if (equalBytes(known[index]!, bytes, start, end)) return this.#knownMeanings[index]!;
    }
    return this.#decode(bytes, start, end);
  }

  #decode(bytes: Uint8Array, start: number, end: number): Meaning {
    let decoded: ReturnType<HpackDecoder["decode"]>;
    try {
      decoded = this.#decoder.decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message);
    }
    const meaning = this.#meaningOf(decoded.names, decoded.values);
    if (decoded.stateless) {
      // Blocks that carry a date keep coming in new forms: the oldest place is taken again.
      this.#knownBytes[this.#replaceNext] = copyBytes(bytes, start, end);
      this.#knownMeanings[this.#replaceNext] = meaning;
      this.#replaceNext = (this.#replaceNext + 1) % REMEMBERED_BLOCKS;
    }
    return meaning;
  }
}

function equalBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = known.length;
  if (length !== end - start) return false;
  // Blocks of two paths, or with two dates, begin alike and differ before their end.
  for (let at = length - 1; at >= 0; at--) {
    if (known[at] !== bytes[start + at]) return false;
  }
  return true;
}
