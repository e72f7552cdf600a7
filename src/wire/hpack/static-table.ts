/** Holds the static table, RFC 7541 appendix A, and finds entries in it. */

/** Name and value at index 1 to 61; index 0 is not used by HPACK. */
const ENTRIES: readonly (readonly [name: string, value: string])[] = [
  ["", ""],
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];

/** Indices above it belong to the dynamic table (RFC 7541, 2.3.3). */
export const STATIC_TABLE_LENGTH = ENTRIES.length - 1;

/** The entry at `index`, which is 1 to STATIC_TABLE_LENGTH. */
export function staticEntry(index: number): readonly [name: string, value: string] {
  return ENTRIES[index]!;
}

/** The index of the first entry with this name, and of the one with this value; 0 for none. */
export function findStatic(name: string, value: string): { nameIndex: number; index: number } {
  const nameIndex = Math.max(
    0,
    ENTRIES.findIndex((entry, at) => at > 0 && entry[0] === name),
  );
  const index = Math.max(
    0,
    ENTRIES.findIndex((entry, at) => at > 0 && entry[0] === name && entry[1] === value),
  );
  return { nameIndex, index };
}
