/**
 * Packs a message into octets and reads it back: JSON for what is plain, and arrays of numbers after it
 * as they are in memory. A reader trusts no length and no offset.
 */

/** In an object of one member: something that JSON does not have. */
const TAG = "$";
/** A message that is nested deeper is none of ours. */
const MOST_DEPTH = 32;
const LENGTH_BYTES = 4;

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };
type ArrayKind = keyof typeof ARRAYS;
type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The octets are no message. */
export class Unreadable extends Error {}

/**
 * Takes what JSON has, numbers that are not finite, and arrays of octets and numbers. What is undefined
 * is left out.
 * @throws TypeError for all else, such as memory that threads share
 */
export function pack(message: unknown): Buffer {
  const blobs: NumberArray[] = [];
  const text = Buffer.from(JSON.stringify(plain(message, blobs)), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([
    length,
    text,
    ...blobs.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  ]);
}

/** The inverse of `pack`; arrays of octets come back as Buffer. @throws Unreadable */
export function unpack(bytes: Buffer): unknown {
  if (bytes.length < LENGTH_BYTES) throw new Unreadable("it is cut off");
  const textEnd = LENGTH_BYTES + bytes.readUInt32LE(0);
  if (textEnd > bytes.length) throw new Unreadable("it is cut off");
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, textEnd));
  } catch {
    throw new Unreadable("it holds no JSON");
  }
  const blobs = new Blobs(bytes.subarray(textEnd));
  const message = restored(read, blobs, 0);
  if (!blobs.isTaken) throw new Unreadable("it has octets that nothing names");
  return message;
}

function plain(value: unknown, blobs: NumberArray[]): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : { [TAG]: String(value) };
  }
  if (Array.isArray(value)) return value.map((each) => plain(each ?? null, blobs));
  if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
    const kind = kindOf(value);
    if (kind !== null) {
      blobs.push(value as NumberArray);
      return { [TAG]: [kind, (value as NumberArray).length] };
    }
  }
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`a message cannot hold ${Object.prototype.toString.call(value)}`);
  }
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]): [string, unknown] => [name, plain(each, blobs)]);
  // A member of the tag's name is data here.
  return TAG in value ? { [TAG]: { members } } : Object.fromEntries(members);
}

function kindOf(value: ArrayBufferView): ArrayKind | null {
  if (value instanceof Uint8Array) return "u8";
  const found = Object.entries(ARRAYS).find(([, each]) => value instanceof each);
  return (found?.[0] as ArrayKind | undefined) ?? null;
}

function restored(value: unknown, blobs: Blobs, depth: number): unknown {
  if (depth > MOST_DEPTH) throw new Unreadable("it is nested too deeply");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => restored(each, blobs, depth + 1));
  if (!Object.hasOwn(value, TAG)) return objectOf(Object.entries(value), blobs, depth);
  const tagged: unknown = (value as { [TAG]: unknown })[TAG];
  if (tagged === "Infinity" || tagged === "-Infinity" || tagged === "NaN") return Number(tagged);
  if (Array.isArray(tagged)) return blobs.take(tagged[0], tagged[1]);
  const { members } = (tagged ?? {}) as { members?: unknown };
  if (!Array.isArray(members)) throw new Unreadable("it has an unknown tag");
  return objectOf(members as [string, unknown][], blobs, depth);
}

function objectOf(
  members: readonly [string, unknown][],
  blobs: Blobs,
  depth: number,
): Record<string, unknown> {
  return Object.fromEntries(
    members.map(([name, each]) => [name, restored(each, blobs, depth + 1)]),
  );
}

/** What follows the JSON, in the order in which it is named. */
class Blobs {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isTaken(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(kind: unknown, length: unknown): NumberArray {
    const isKind = typeof kind === "string" && Object.hasOwn(ARRAYS, kind);
    if (!isKind || !Number.isSafeInteger(length) || (length as number) < 0) {
      throw new Unreadable("it has an unknown tag");
    }
    const array = ARRAYS[kind as ArrayKind];
    const end = this.#at + (length as number) * array.BYTES_PER_ELEMENT;
    if (end > this.#bytes.length) throw new Unreadable("it is cut off");
    // Copied, since arrays of wide numbers begin at multiples of their width.
    const copy = new Uint8Array(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return kind === "u8" ? Buffer.from(copy.buffer) : new array(copy.buffer);
  }
}
