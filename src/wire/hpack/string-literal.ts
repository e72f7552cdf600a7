/**
 * Reads and writes string literals, RFC 7541 section 5.2. A string has one character an octet
 * (Latin-1).
 */
import { HpackError } from "./hpack-error.ts";
import { decodeHuffman } from "./huffman.ts";
import { type Cursor, readInteger, writeInteger } from "./integer.ts";

const HUFFMAN_FLAG = 0x80;

/** Reads a string; one of more than `maxLength` octets once decoded is an HpackError. */
export function readString(cursor: Cursor, maxLength: number): string {
  const isHuffman = (cursor.bytes[cursor.position]! & HUFFMAN_FLAG) !== 0;
  const lengthBytes = readInteger(cursor, 7);
  const start = cursor.position;
  if (lengthBytes > cursor.end - start) throw new HpackError("header block ends inside a string");
  const end = start + lengthBytes;
  cursor.position = end;
  if (isHuffman) return decodeHuffman(cursor.bytes, start, end, maxLength);
  if (lengthBytes > maxLength) throw new HpackError("header list is larger than allowed");
  const { buffer, byteOffset } = cursor.bytes;
  return Buffer.from(buffer, byteOffset + start, lengthBytes).toString("latin1");
}

/**
 * Appends a string as it is. Huffman would spare a few octets, but cost the server under test a
 * decoding of every request.
 */
export function writeString(out: number[], text: string): void {
  writeInteger(out, 7, 0, text.length);
  for (let at = 0; at < text.length; at++) out.push(text.charCodeAt(at));
}
