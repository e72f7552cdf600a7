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
/** In the place of a kind of array. */
const SHARED = "shared";
type ArrayKind = keyof typeof ARRAYS;
type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** What is not in the JSON of a message. */
interface Parts {
  blobs: NumberArray[];
  /** Each is a blob too. */
  shared: SharedArrayBuffer[];
}

/** The octets are no message. */
export class Unreadable extends Error {}

/**
 * Takes what JSON has, numbers that are not finite, arrays of octets and numbers, and memory that threads share:
 * what was one memory in the message is one in its copy. What is undefined is left out.
 * @throws TypeError for all else
 */
export function pack(message: unknown): Buffer {
  const parts: Parts = { blobs: [], shared: [] };
  const text = Buffer.from(JSON.stringify(plain(message, parts)), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([
    length,
    text,
    ...parts.blobs.map(({ buffer, byteOffset, byteLength }) =>
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

function plain(value: unknown, parts: Parts): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : { [TAG]: String(value) };
  }
  if (Array.isArray(value)) return value.map((each) => plain(each ?? null, parts));
  if (value instanceof SharedArrayBuffer) return sharedIn(value, parts);
  if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
    const kind = kindOf(value);
    if (kind !== null) {
      parts.blobs.push(value as NumberArray);
      return { [TAG]: [kind, (value as NumberArray).length] };
    }
  }
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`a message cannot hold ${Object.prototype.toString.call(value)}`);
  }
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]): [string, unknown] => [name, plain(each, parts)]);
  // A member of the tag's name is data here.
  return TAG in value ? { [TAG]: { members } } : Object.fromEntries(members);
}

function sharedIn(memory: SharedArrayBuffer, { blobs, shared }: Parts): unknown {
  const known = shared.indexOf(memory);
  if (known >= 0) return { [TAG]: [SHARED, known] };
  shared.push(memory);
  blobs.push(new Uint8Array(memory).slice());
  return { [TAG]: [SHARED, shared.length - 1, memory.byteLength] };
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
  if (Array.isArray(tagged)) {
    const [kind, first, second] = tagged as unknown[];
    return kind === SHARED ? blobs.shared(first, second) : blobs.take(kind, first);
  }
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
  readonly #shared: SharedArrayBuffer[] = [];
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isTaken(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** @param length absent: it is one that was named before */
  shared(index: unknown, length: unknown): SharedArrayBuffer {
    if (length === undefined) {
      const known = this.#shared[index as number];
      if (known === undefined) throw new Unreadable("it has an unknown tag");
      return known;
    }
    const octets = this.take("u8", length);
    const memory = new SharedArrayBuffer(octets.length);
    new Uint8Array(memory).set(octets);
    this.#shared.push(memory);
    return memory;
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
