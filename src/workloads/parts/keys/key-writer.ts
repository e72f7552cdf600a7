/** Writes the keys of a run: which index comes next, and the exact bytes of an index. */
import { type KeyRange, keyRangeOf } from "../../../plan/key-range.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import { keyBytes } from "../../../plan/key-text.ts";
import { DealtSequence, type WorkerShare } from "../../../plan/shares.ts";
import type { Random } from "../../../random.ts";
import { type DrawIndex, type InsertedKeys, indexDraw } from "./popularity.ts";

/** Chooses key indices in [0, keySpaceSize), and with `latest` those of inserted keys too. */
export class KeySequence {
  readonly #keys: KeySpace;
  readonly #draw: DrawIndex;
  readonly #sequence: DealtSequence;
  readonly #makeRandom: () => Random;
  #random: Random;

  /** `makeRandom` yields the same generator anew each time, for `restart`. */
  constructor(
    keys: KeySpace,
    share: WorkerShare,
    makeRandom: () => Random,
    inserted?: InsertedKeys,
  ) {
    this.#keys = keys;
    this.#draw = indexDraw(keys.keySpaceSize, keys.popularity, inserted);
    this.#sequence = new DealtSequence(share);
    this.#makeRandom = makeRandom;
    this.#random = makeRandom();
  }

  next(): number {
    return this.#keys.sequential
      ? this.#sequence.next() % this.#keys.keySpaceSize
      : this.#draw(this.#random);
  }

  restart(): void {
    this.#sequence.restart();
    this.#random = this.#makeRandom();
  }
}

/** Writes keys of exactly `keySizeBytes`: the prefix, and then the index. */
export class KeyWriter {
  readonly #prefix: Buffer;
  readonly #keySizeBytes: number;
  readonly #encoding: KeySpace["encoding"];

  constructor(keys: KeySpace) {
    this.#prefix = keyBytes(keys.prefix);
    this.#keySizeBytes = keys.keySizeBytes;
    this.#encoding = keys.encoding;
  }

  write(index: number, out: Uint8Array, at: number): void {
    out.set(this.#prefix, at);
    const start = at + this.#prefix.length;
    const end = at + this.#keySizeBytes;
    if (this.#encoding === "fixed") writeFixed(index, out, start, end);
    else writeVarint(index, out, start, end);
  }
}

/** The range that holds every key of the space; of varints, which do not sort, all with its prefix. */
export function keySpaceRange(keys: KeySpace): KeyRange {
  if (keys.encoding === "varint") {
    return keyRangeOf({ key: keys.prefix, end: null, prefix: true });
  }
  const writer = new KeyWriter(keys);
  const key = Buffer.alloc(keys.keySizeBytes);
  writer.write(0, key, 0);
  // A zero after the last key is the first key that is greater.
  const end = Buffer.alloc(keys.keySizeBytes + 1);
  writer.write(keys.keySpaceSize - 1, end, 0);
  return { key, end };
}

/** Whether a key is one of the space: of its size and prefix, and one of its indices. */
export function isKeyOf(keys: KeySpace): (key: Buffer) => boolean {
  const { keySizeBytes, keySpaceSize, encoding } = keys;
  const prefix = keyBytes(keys.prefix);
  const writer = new KeyWriter(keys);
  const written = Buffer.alloc(keySizeBytes);
  return (key) => {
    if (key.length !== keySizeBytes || !key.subarray(0, prefix.length).equals(prefix)) return false;
    const tail = key.subarray(prefix.length);
    const index = encoding === "fixed" ? readFixed(tail) : readVarint(tail);
    if (!(index < keySpaceSize)) return false;
    writer.write(index, written, 0);
    return written.equals(key);
  };
}

function readFixed(tail: Buffer): number {
  return tail.reduce((index, octet) => index * 256 + octet, 0);
}

/** What is no varint becomes a number whose key is another one. */
function readVarint(tail: Buffer): number {
  let zigzag = 0;
  let weight = 1;
  for (const octet of tail) {
    zigzag += (octet & 0x7f) * weight;
    if (octet < 128) break;
    weight *= 128;
  }
  return Math.floor(zigzag / 2);
}

/** Big-endian base 256, so that keys sort as their indices do. */
function writeFixed(index: number, out: Uint8Array, start: number, end: number): void {
  let rest = index;
  for (let at = end - 1; at >= start; at--) {
    if (rest === 0) {
      out[at] = 0;
    } else {
      const high = Math.floor(rest / 256);
      out[at] = rest - high * 256;
      rest = high;
    }
  }
}

/**
 * Go's binary.PutVarint as etcd's tool uses it: zigzag, which doubles an index, then base 128 with
 * the low group first. What the tool leaves of the last, longer key is cleared here: its
 * stale bytes make more distinct keys than the key space has.
 */
function writeVarint(index: number, out: Uint8Array, start: number, end: number): void {
  let rest = index * 2;
  let at = start;
  while (rest >= 128) {
    const high = Math.floor(rest / 128);
    out[at] = (rest - high * 128) | 0x80;
    rest = high;
    at += 1;
  }
  out[at] = rest;
  out.fill(0, at + 1, end);
}
