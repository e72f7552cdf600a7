/** Decodes the Huffman code of strings, RFC 7541 section 5.2 and appendix B. */
import { HpackError } from "./hpack-error.ts";

const EOS = 256;
const LONGEST_CODE_BITS = 30;

/**
 * Bits of the code of each symbol, octets 0 to 255 and EOS. The code is canonical (codes of one
 * length are consecutive in the order of their symbols), so the lengths say all of appendix B.
 */
// biome-ignore format: sixteen symbols a row, as the octets are counted
const CODE_BITS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
   6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
   5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
  13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
   7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
  15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
   6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

/** For each code length: its first code, how many there are, and where its symbols start. */
const firstCode: number[] = [0];
const codeCount: number[] = [0];
const firstSymbolAt: number[] = [0];
/** Symbols by length of code, then by value. */
const symbols: number[] = [];

for (let bits = 1, code = 0; bits <= LONGEST_CODE_BITS; bits++) {
  code *= 2;
  firstCode[bits] = code;
  firstSymbolAt[bits] = symbols.length;
  for (let symbol = 0; symbol <= EOS; symbol++) {
    if (CODE_BITS[symbol] === bits) symbols.push(symbol);
  }
  codeCount[bits] = symbols.length - firstSymbolAt[bits]!;
  code += codeCount[bits]!;
}

/**
 * Decodes the octets of [start, end) to a string of one character an octet.
 * Throws HpackError for an EOS, for wrong padding, and for more than `maxLength` characters.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLength: number,
): string {
  // The shortest code has 5 bits, which bounds the text by the octets that really came.
  const text = Buffer.allocUnsafe(Math.min(maxLength, Math.floor(((end - start) * 8) / 5)));
  let length = 0;
  let code = 0;
  let bits = 0;
  for (let at = start; at < end; at++) {
    const octet = bytes[at]!;
    for (let shift = 7; shift >= 0; shift--) {
      code = code * 2 + ((octet >> shift) & 1);
      bits++;
      const rank = code - firstCode[bits]!;
      if (rank >= codeCount[bits]!) continue;
      const symbol = symbols[firstSymbolAt[bits]! + rank]!;
      if (symbol === EOS) throw new HpackError("Huffman string holds EOS");
      if (length === maxLength) throw new HpackError("header list is larger than allowed");
      text[length++] = symbol;
      code = 0;
      bits = 0;
    }
  }
  // What remains must be the beginning of EOS, which is all ones, and less than an octet.
  if (bits > 7 || code !== 2 ** bits - 1) throw new HpackError("Huffman string is padded wrongly");
  return text.toString("latin1", 0, length);
}
