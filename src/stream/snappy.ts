/**
 * Puts bytes into Snappy's block format as literals. The format asks for no compression, and a frame of
 * some ten kilobytes a second needs none.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */

/** A literal whose length minus one takes four bytes (section 2.1). */
const LONG_LITERAL = 0xfc;

export function snappyBlock(bytes: Uint8Array): Buffer {
  const length = varint(bytes.byteLength);
  if (bytes.byteLength === 0) return length;
  const literal = Buffer.alloc(5);
  literal[0] = LONG_LITERAL;
  literal.writeUInt32LE(bytes.byteLength - 1, 1);
  return Buffer.concat([length, literal, bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
