/**
 * Encodes this client's request blocks, RFC 7541 section 6, without a dynamic table: a block is encoded
 * once and replayed on every stream of every connection, so it must mean the same always.
 */
import { writeInteger } from "./integer.ts";
import { findStatic } from "./static-table.ts";
import { writeString } from "./string-literal.ts";

/** Credentials, which no proxy on the way may put into a table of its own (RFC 7541, 7.1.3). */
const NEVER_INDEXED = new Set(["authorization", "proxy-authorization", "token"]);

/** Lower case, no separators (RFC 9113, 8.2.1); a colon only in front, for pseudo-headers. */
const NAME = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Printable octets and blanks, no blank at an end (RFC 9110, 5.5; RFC 9113, 8.2.1). */
const VALUE = /^(?![ \t])[\t -~\u0080-\u00ff]*(?<![ \t])$/;

/**
 * Encodes the fields in their order; pseudo-headers come first. A string has one character an
 * octet. Throws TypeError for a field that HTTP/2 does not allow, naming it but not its value.
 */
export function encodeHeaderBlock(
  headers: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  const out: number[] = [];
  for (const [name, value] of headers) {
    if (!NAME.test(name)) throw new TypeError(`not a header name of HTTP/2: ${name}`);
    if (!VALUE.test(value)) throw new TypeError(`value of header ${name} is not allowed in HTTP/2`);
    const { index, nameIndex } = findStatic(name, value);
    const isSecret = NEVER_INDEXED.has(name);
    if (index > 0 && !isSecret) {
      writeInteger(out, 7, 0x80, index);
      continue;
    }
    writeInteger(out, 4, isSecret ? 0x10 : 0x00, nameIndex);
    if (nameIndex === 0) writeString(out, name);
    writeString(out, value);
  }
  return Uint8Array.from(out);
}
