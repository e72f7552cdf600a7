/** What single octets and short runs of them mean in HTTP's lines (RFC 9110 section 5.6) and in JSON. */

const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
export const SEMICOLON = 0x3b;
const JSON_TYPE = "application/json";
/** The bit that tells a small letter from its capital. */
const SMALL = 0x20;

/** Where the LF is; -1 where none is. */
export function lineEndIn(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === LF) return at;
  return -1;
}

export function startsWith(bytes: Uint8Array, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

/** Whether the field at `start` has that name, which is in small letters, in any case of letters. */
export function isName(bytes: Uint8Array, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = bytes[start + at]!;
    const small = byte >= 0x41 && byte <= 0x5a ? byte | SMALL : byte;
    if (small !== name.charCodeAt(at)) return false;
  }
  return true;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Where the spaces at `start` end. */
export function spacesEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at])) at += 1;
  return at;
}

/** Where the spaces before `end` start. */
export function spacesStart(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(bytes[at - 1])) at -= 1;
  return at;
}

/** Without the spaces around it. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const from = spacesEnd(bytes, start, end);
  const to = spacesStart(bytes, from, end);
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

export function digitAt(bytes: Uint8Array, at: number): number {
  const digit = bytes[at]! - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** -1 where an octet is no digit. */
export function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = digitAt(bytes, at);
    if (digit < 0) return -1;
    number = number * 10 + digit;
  }
  return number;
}

export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const small = byte | SMALL;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}

/** Of JSON. */
export const Sign = {
  /** The least that a string may hold. */
  SPACE,
  QUOTE: 0x22,
  COMMA: 0x2c,
  COLON: 0x3a,
  BACKSLASH: 0x5c,
  OPEN_ARRAY: 0x5b,
  CLOSE_ARRAY: 0x5d,
  OPEN_OBJECT: 0x7b,
  CLOSE_OBJECT: 0x7d,
} as const;

/** Between values. */
export function isJsonSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Of numbers, true, false and null. */
export function isOfJsonWord(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isDigit || isLetter || byte === 0x2d || byte === 0x2b || byte === 0x2e;
}

/** `application/json`, with parameters or without. */
export function isJsonType(bytes: Uint8Array, start: number, end: number): boolean {
  const from = spacesEnd(bytes, start, end);
  if (end - from < JSON_TYPE.length || !isName(bytes, from, JSON_TYPE)) return false;
  const next = spacesEnd(bytes, from + JSON_TYPE.length, end);
  return next === end || bytes[next] === SEMICOLON;
}
