/**
 * Owns which method a request's header block asks for. As with the answers that a client reads, a
 * block that leaves HPACK's dynamic table alone means the same whenever its bytes come again, and
 * with SETTINGS_HEADER_TABLE_SIZE=0 every block is soon one of those.
 */
import { ConnectionError, ErrorCode } from "../../load/wire/frames.ts";
import { HpackDecoder, HpackError } from "../../load/wire/hpack/decoder.ts";
import { PUT_PATH, RANGE_PATH } from "./answers.ts";

export const Method = { PUT: 0, RANGE: 1, OTHER: 2 } as const;
export type Method = (typeof Method)[keyof typeof Method];

const REMEMBERED_BLOCKS = 4;
const MAX_HEADER_LIST_BYTES = 65_536;

export class RequestBlocks {
  readonly #decoder = new HpackDecoder({
    // What our SETTINGS allow holds once the client has them; until then it may use the default.
    maxTableSizeBytes: 4096,
    maxHeaderListBytes: MAX_HEADER_LIST_BYTES,
  });
  readonly #knownBytes: Uint8Array[] = [];
  readonly #knownMethods: Method[] = [];
  #replaceNext = 0;

  read(bytes: Uint8Array, start: number, end: number): Method {
    const known = this.#knownBytes;
    for (let index = 0; index < known.length; index++) {
      if (isEqual(known[index]!, bytes, start, end)) return this.#knownMethods[index]!;
    }
    return this.#decode(bytes, start, end);
  }

  #decode(bytes: Uint8Array, start: number, end: number): Method {
    let decoded: ReturnType<HpackDecoder["decode"]>;
    try {
      decoded = this.#decoder.decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message);
    }
    const method = methodOf(decoded.values[decoded.names.indexOf(":path")]);
    if (decoded.stateless) {
      // A copy, which `slice` of a Buffer is not.
      this.#knownBytes[this.#replaceNext] = new Uint8Array(bytes.subarray(start, end));
      this.#knownMethods[this.#replaceNext] = method;
      this.#replaceNext = (this.#replaceNext + 1) % REMEMBERED_BLOCKS;
    }
    return method;
  }
}

function methodOf(path: string | undefined): Method {
  if (path === PUT_PATH) return Method.PUT;
  return path === RANGE_PATH ? Method.RANGE : Method.OTHER;
}

function isEqual(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = known.length;
  if (length !== end - start) return false;
  // Blocks of two paths begin alike and differ before their end.
  for (let at = length - 1; at >= 0; at--) {
    if (known[at] !== bytes[start + at]) return false;
  }
  return true;
}
