/**
 * Remembers the meanings of header blocks that came before: a block that does not touch HPACK's dynamic
 * table means the same whenever its bytes come again, and with SETTINGS_HEADER_TABLE_SIZE=0 that is
 * nearly every block. Comparing bytes is far cheaper than decoding them.
 */
import { ConnectionError, copyBytes, ErrorCode } from "./frames.ts";
import { HpackDecoder, HpackError } from "./hpack/decoder.ts";

const REMEMBERED_BLOCKS = 8;
/** Blocks are compared so many octets at a time. */
const WORD_BYTES = 4;
/** Advertised as SETTINGS_MAX_HEADER_LIST_SIZE. */
export const MAX_HEADER_LIST_BYTES = 65_536;

export class KnownBlocks<Meaning> {
  readonly #decoder: HpackDecoder;
  readonly #meaningOf: (names: readonly string[], values: readonly string[]) => Meaning;
  /**
   * The newest first: of blocks that carry a date, as etcd's over TLS do, only that one comes again,
   * and an older one differs from it in its last octets alone.
   */
  readonly #known: DataView[] = [];
  readonly #knownMeanings: Meaning[] = [];
  /** What the last block lay in: nearly every block's, since all sockets read into one buffer. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

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
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const known = this.#known;
    for (let index = 0; index < known.length; index++) {
      if (isEqual(known[index]!, this.#view, start, end)) return this.#knownMeanings[index]!;
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
    if (decoded.stateless && end - start >= WORD_BYTES) {
      this.#known.unshift(new DataView(copyBytes(bytes, start, end).buffer));
      this.#knownMeanings.unshift(meaning);
      if (this.#known.length > REMEMBERED_BLOCKS) {
        this.#known.pop();
        this.#knownMeanings.pop();
      }
    }
    return meaning;
  }
}

function isEqual(known: DataView, view: DataView, start: number, end: number): boolean {
  const length = known.byteLength;
  if (length !== end - start) return false;
  // Blocks of two paths, or with two dates, begin alike and differ before their end. The last word
  // may overlap the one before it.
  const last = length - WORD_BYTES;
  if (known.getInt32(last) !== view.getInt32(start + last)) return false;
  for (let at = 0; at < last; at += WORD_BYTES) {
    if (known.getInt32(at) !== view.getInt32(start + at)) return false;
  }
  return true;
}
