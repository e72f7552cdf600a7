/** Reads an escape in a JSON string (RFC 8259 section 7), octet by octet, after its backslash. */

const HEX_DIGITS = 4;
const SMALL_U = 0x75;
const SHORT = Buffer.from('"\\/bfnrt');
const MEANT = Buffer.from('"\\/\b\f\n\r\t');

/** The escape goes on, or is none. */
export const ESCAPE_OPEN = -1;
export const NO_ESCAPE = -2;

export class JsonEscape {
  isOpen = false;
  #hexLeft = 0;
  #code = 0;

  /** A backslash has come. */
  begin(): void {
    this.isOpen = true;
    this.#hexLeft = 0;
    this.#code = 0;
  }

  reset(): void {
    this.isOpen = false;
  }

  /** The UTF-16 code unit that the escape is with `byte`; else one of the two above. */
  add(byte: number): number {
    if (this.#hexLeft === 0) {
      if (byte === SMALL_U) {
        this.#hexLeft = HEX_DIGITS;
        return ESCAPE_OPEN;
      }
      this.isOpen = false;
      const short = SHORT.indexOf(byte);
      return short < 0 ? NO_ESCAPE : MEANT[short]!;
    }
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) return NO_ESCAPE;
    this.#code = this.#code * 16 + digit;
    this.#hexLeft -= 1;
    if (this.#hexLeft > 0) return ESCAPE_OPEN;
    this.isOpen = false;
    return this.#code;
  }
}
