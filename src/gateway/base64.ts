/** Base64 (RFC 4648 section 4) between buffers, piece by piece and without strings. */

const DIGITS = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
/** By octet: the six bits of a digit, or NO_DIGIT. */
const BITS = new Uint8Array(256).fill(64);
for (const [bits, digit] of DIGITS.entries()) BITS[digit] = bits;
// The alphabet that is safe in URLs (section 5), which proto3's JSON allows as well.
BITS[0x2d] = 62;
BITS[0x5f] = 63;
const NO_DIGIT = 64;
const PAD = 0x3d;
/** A number of octets that gives whole groups of digits. */
const TRIPLE = 3;
const QUAD = 4;

/** Of so many octets. */
export function base64Bytes(octets: number): number {
  return Math.ceil(octets / TRIPLE) * QUAD;
}

/** The most octets that so many digits make, with those of a group before them. */
export function base64Octets(digits: number): number {
  return Math.ceil(digits / QUAD) * TRIPLE + TRIPLE;
}

/** Writes `bytes[start, end)` at `at` of `out`; returns where it ends there. */
export function writeBase64(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let to = at;
  let from = start;
  for (; end - from >= TRIPLE; from += TRIPLE) {
    const bits = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    out[to] = DIGITS[bits >> 18]!;
    out[to + 1] = DIGITS[(bits >> 12) & 63]!;
    out[to + 2] = DIGITS[(bits >> 6) & 63]!;
    out[to + 3] = DIGITS[bits & 63]!;
    to += QUAD;
  }
  if (from === end) return to;
  const isTwo = end - from === 2;
  const bits = (bytes[from]! << 16) | (isTwo ? bytes[from + 1]! << 8 : 0);
  out[to] = DIGITS[bits >> 18]!;
  out[to + 1] = DIGITS[(bits >> 12) & 63]!;
  out[to + 2] = isTwo ? DIGITS[(bits >> 6) & 63]! : PAD;
  out[to + 3] = PAD;
  return to + QUAD;
}

/** Reads digits that come in pieces. */
export class Base64Reader {
  /** Where in `out` the next octet goes. */
  at = 0;
  #bits = 0;
  #digits = 0;
  #pads = 0;

  /** The next digits make octets from `at` on. */
  begin(at: number): void {
    this.at = at;
    this.#bits = 0;
    this.#digits = 0;
    this.#pads = 0;
  }

  /**
   * Reads digits of `bytes[start, end)` up to the first octet that is none, and returns where that
   * is. `out` has room for three octets of each four.
   */
  read(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
    let from = start;
    let at = this.at;
    if (this.#digits === 0 && this.#pads === 0) {
      for (; end - from >= QUAD; from += QUAD) {
        const first = BITS[bytes[from]!]!;
        const second = BITS[bytes[from + 1]!]!;
        const third = BITS[bytes[from + 2]!]!;
        const fourth = BITS[bytes[from + 3]!]!;
        if ((first | second | third | fourth) >= NO_DIGIT) break;
        const bits = (first << 18) | (second << 12) | (third << 6) | fourth;
        out[at] = bits >> 16;
        out[at + 1] = bits >> 8;
        out[at + 2] = bits;
        at += TRIPLE;
      }
    }
    this.at = at;
    while (from < end && this.#digit(bytes[from]!, out)) from += 1;
    return from;
  }

  /** The digits have ended; false where they are no whole number of octets. */
  end(out: Uint8Array): boolean {
    const digits = this.#digits;
    if (digits === 1 || (this.#pads > 0 && digits + this.#pads !== QUAD)) return false;
    if (digits > 0) {
      const bits = this.#bits << (6 * (QUAD - digits));
      out[this.at] = bits >> 16;
      if (digits === 3) out[this.at + 1] = bits >> 8;
      this.at += digits - 1;
    }
    return true;
  }

  #digit(byte: number, out: Uint8Array): boolean {
    if (byte === PAD && this.#pads < 2 && this.#digits >= 2) {
      this.#pads += 1;
      return true;
    }
    const bits = BITS[byte]!;
    if (bits === NO_DIGIT || this.#pads > 0) return false;
    this.#bits = (this.#bits << 6) | bits;
    this.#digits += 1;
    if (this.#digits === QUAD) {
      out[this.at] = this.#bits >> 16;
      out[this.at + 1] = this.#bits >> 8;
      out[this.at + 2] = this.#bits;
      this.at += TRIPLE;
      this.#bits = 0;
      this.#digits = 0;
    }
    return true;
  }
}
