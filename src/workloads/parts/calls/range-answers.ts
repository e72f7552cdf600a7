/**
 * Reads etcd's RangeResponses while their octets come in, piece by piece and by slot: how many keys and
 * octets there were, and of a page what the next one needs. Values are walked over and nothing of them
 * is kept. Fields may come in any order, and unknown ones are skipped. A stream's RangeStreamResponses,
 * each with a part of the one answer, are read as if they were one.
 */

/** Wire types of protobuf ("Encoding", message structure). */
const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

/** The message that the current octet belongs to. */
const Within = { STREAM_RESPONSE: 0, RESPONSE: 1, HEADER: 2, KEY_VALUE: 3 } as const;

/** Field numbers of RangeStreamResponse, RangeResponse, ResponseHeader and mvccpb.KeyValue. */
const STREAM_RANGE_RESPONSE = 1;
const RESPONSE_HEADER = 1;
const RESPONSE_KVS = 2;
const RESPONSE_MORE = 3;
const KVS_TAG = (RESPONSE_KVS << 3) | LEN;
const MORE_TAG = (RESPONSE_MORE << 3) | VARINT;
const HEADER_REVISION = 3;
const KV_KEY = 1;

/** The current varint is a tag, the number of octets of a field, or a field itself. */
const Stage = { TAG: 0, LENGTH: 1, VALUE: 2 } as const;

/** Of the tenth octet of a varint, which is its last: beyond it octets are no message. */
const LARGEST_SCALE = 2 ** 63;
const FIRST_KEY_BYTES = 64;

/** What a call failed with that ended well, with octets that are no answer. */
export const NO_RANGE_RESPONSE = "the answer is no RangeResponse";

export interface RangeAnswersOptions {
  /** Answers come as RangeStreamResponses. */
  isStream?: boolean;
  /** Header and keys are read too, not only counted. */
  hasDetails?: boolean;
}

export class RangeAnswers {
  /** Of the slot's answer so far, as are all that follow. */
  readonly keys: Float64Array;
  readonly bytes: Float64Array;
  /** With details: the header's; 0 before it has come. */
  readonly revision: Float64Array;
  readonly hasMore: Uint8Array;
  /** The octets were no message: what is above holds only what was read before. */
  readonly #isGarbled: Uint8Array;
  readonly #isStream: boolean;
  readonly #hasDetails: boolean;
  readonly #within: Uint8Array;
  readonly #stage: Uint8Array;
  /** Of the current varint. */
  readonly #value: Float64Array;
  readonly #scale: Float64Array;
  /** The tag of the current field. */
  readonly #tag: Float64Array;
  /** Octets of the current field that are still to come, and whether they are a key. */
  readonly #skip: Float64Array;
  readonly #isKey: Uint8Array;
  /** Where the message of a stream's part ends, and that of a header or key, in the slot's octets. */
  readonly #responseEnd: Float64Array;
  readonly #innerEnd: Float64Array;
  /** The last key; grown where one is longer. */
  readonly #lastKey: Buffer[];
  readonly #lastKeyBytes: Uint32Array;
  /** What of the last key lies in the current octets; of all keys in them it alone is copied. */
  #pieceStart = 0;
  #pieceEnd = 0;

  constructor(slots: number, { isStream = false, hasDetails = false }: RangeAnswersOptions = {}) {
    this.#isStream = isStream;
    this.#hasDetails = hasDetails;
    this.keys = new Float64Array(slots);
    this.bytes = new Float64Array(slots);
    this.revision = new Float64Array(slots);
    this.hasMore = new Uint8Array(slots);
    this.#isGarbled = new Uint8Array(slots);
    this.#within = new Uint8Array(slots);
    this.#stage = new Uint8Array(slots);
    this.#value = new Float64Array(slots);
    this.#scale = new Float64Array(slots);
    this.#tag = new Float64Array(slots);
    this.#skip = new Float64Array(slots);
    this.#isKey = new Uint8Array(slots);
    this.#responseEnd = new Float64Array(slots);
    this.#innerEnd = new Float64Array(slots);
    this.#lastKey = hasDetails
      ? Array.from({ length: slots }, () => Buffer.alloc(FIRST_KEY_BYTES))
      : [];
    this.#lastKeyBytes = new Uint32Array(slots);
    for (let slot = 0; slot < slots; slot++) this.begin(slot);
  }

  /** Another answer comes. */
  begin(slot: number): void {
    this.keys[slot] = 0;
    this.bytes[slot] = 0;
    this.revision[slot] = 0;
    this.hasMore[slot] = 0;
    this.#isGarbled[slot] = 0;
    this.#within[slot] = this.#isStream ? Within.STREAM_RESPONSE : Within.RESPONSE;
    this.#stage[slot] = Stage.TAG;
    this.#value[slot] = 0;
    this.#scale[slot] = 1;
    this.#skip[slot] = 0;
    this.#isKey[slot] = 0;
    this.#lastKeyBytes[slot] = 0;
  }

  /** The slot's octets so far make a message, which ends where they do. */
  isWhole(slot: number): boolean {
    const top = this.#isStream ? Within.STREAM_RESPONSE : Within.RESPONSE;
    return this.#isGarbled[slot] === 0 && this.#within[slot] === top && this.#isBetweenFields(slot);
  }

  /** The last key of the answer; lent until the slot's next answer comes. Empty without one. */
  lastKey(slot: number): Buffer {
    return this.#lastKey[slot]!.subarray(0, this.#lastKeyBytes[slot]!);
  }

  read(slot: number, bytes: Uint8Array, start: number, end: number): void {
    // The slot's octets are counted from the start of its answer.
    const base = this.bytes[slot]! - start;
    this.bytes[slot] = base + end;
    this.#pieceEnd = this.#pieceStart;
    let at = start;
    while (at < end) {
      const skip = this.#skip[slot]!;
      if (skip > 0) {
        const taken = Math.min(skip, end - at);
        if (this.#isKey[slot] === 1) {
          this.#pieceStart = at;
          this.#pieceEnd = at + taken;
        }
        this.#skip[slot] = skip - taken;
        at += taken;
        if (taken === skip) this.#leave(slot, base + at);
        continue;
      }
      if (this.#within[slot] === Within.RESPONSE && this.#isBetweenFields(slot)) {
        const responseEnd = this.#isStream ? this.#responseEnd[slot]! - base : end;
        const after = this.#countFields(slot, bytes, at, Math.min(end, responseEnd));
        if (after > at) {
          at = after;
          this.#leave(slot, base + at);
          continue;
        }
      }
      let value = this.#value[slot]!;
      let scale = this.#scale[slot]!;
      let byte = 0x80;
      while (at < end && byte >= 0x80 && scale <= LARGEST_SCALE) {
        byte = bytes[at]!;
        value += (byte & 0x7f) * scale;
        scale *= 128;
        at += 1;
      }
      if (byte >= 0x80) {
        this.#value[slot] = value;
        this.#scale[slot] = scale;
        if (scale > LARGEST_SCALE) this.#garbled(slot);
        continue;
      }
      this.#value[slot] = 0;
      this.#scale[slot] = 1;
      this.#varintRead(slot, value, base + at);
    }
    if (this.#pieceEnd > this.#pieceStart) this.#keep(slot, bytes);
  }

  /**
   * Counts keys while nothing else is wanted of whole fields in `bytes[start, end)`, which is nearly
   * all of nearly every answer; returns the offset of the first other octet. With details the header
   * is wanted, and of the keys here the last.
   */
  #countFields(slot: number, bytes: Uint8Array, start: number, end: number): number {
    let keys = 0;
    let at = start;
    while (end - at >= 2) {
      const tag = bytes[at]!;
      if (tag % 8 === VARINT && tag < 0x80 && tag !== MORE_TAG && bytes[at + 1]! < 0x80) {
        at += 2;
        continue;
      }
      if (tag % 8 !== LEN || tag >= 0x80 || (this.#hasDetails && tag !== KVS_TAG)) break;
      let length = bytes[at + 1]!;
      let next = at + 2;
      if (length >= 0x80) {
        if (end - at < 3 || bytes[at + 2]! >= 0x80) break;
        length = (length & 0x7f) | (bytes[at + 2]! << 7);
        next += 1;
      }
      if (length > end - next) break;
      next += length;
      if (this.#hasDetails && (next === end || bytes[next] !== KVS_TAG)) break;
      at = next;
      if (tag === KVS_TAG) keys += 1;
    }
    if (keys > 0) this.keys[slot] = this.keys[slot]! + keys;
    return at;
  }

  #isBetweenFields(slot: number): boolean {
    return this.#skip[slot] === 0 && this.#stage[slot] === Stage.TAG && this.#scale[slot] === 1;
  }

  /** A varint has ended before `position`. */
  #varintRead(slot: number, value: number, position: number): void {
    switch (this.#stage[slot]) {
      case Stage.TAG:
        this.#tag[slot] = value;
        this.#tagRead(slot, value % 8);
        return;
      case Stage.LENGTH:
        this.#stage[slot] = Stage.TAG;
        this.#lengthRead(slot, Math.floor(this.#tag[slot]! / 8), value, position);
        return;
      default:
        this.#stage[slot] = Stage.TAG;
        this.#valueRead(slot, Math.floor(this.#tag[slot]! / 8), value);
        this.#leave(slot, position);
    }
  }

  #tagRead(slot: number, wireType: number): void {
    if (wireType === LEN) this.#stage[slot] = Stage.LENGTH;
    else if (wireType === VARINT) this.#stage[slot] = Stage.VALUE;
    else if (wireType === I64) this.#skip[slot] = 8;
    else if (wireType === I32) this.#skip[slot] = 4;
    else this.#garbled(slot);
  }

  /** Enters the messages that are of interest, and has the octets of all other fields skipped. */
  #lengthRead(slot: number, field: number, length: number, position: number): void {
    const within = this.#within[slot];
    if (within === Within.RESPONSE) {
      if (field === RESPONSE_KVS) this.keys[slot] = this.keys[slot]! + 1;
      const isOfInterest = field === RESPONSE_KVS || field === RESPONSE_HEADER;
      if (this.#hasDetails && isOfInterest) {
        this.#within[slot] = field === RESPONSE_KVS ? Within.KEY_VALUE : Within.HEADER;
        this.#innerEnd[slot] = position + length;
        this.#leave(slot, position);
        return;
      }
    } else if (within === Within.STREAM_RESPONSE) {
      if (field === STREAM_RANGE_RESPONSE) {
        this.#within[slot] = Within.RESPONSE;
        this.#responseEnd[slot] = position + length;
        this.#leave(slot, position);
        return;
      }
    } else if (within === Within.KEY_VALUE && field === KV_KEY) {
      this.#isKey[slot] = 1;
      this.#lastKeyBytes[slot] = 0;
      this.#pieceEnd = this.#pieceStart;
    }
    this.#skip[slot] = length;
    if (length === 0) this.#leave(slot, position);
  }

  #valueRead(slot: number, field: number, value: number): void {
    const within = this.#within[slot];
    if (within === Within.RESPONSE) {
      if (field === RESPONSE_MORE) this.hasMore[slot] = value === 0 ? 0 : 1;
    } else if (within === Within.HEADER) {
      if (field === HEADER_REVISION) this.revision[slot] = value;
    }
  }

  /** A field has ended before `position`, and with it perhaps the message that it is in. */
  #leave(slot: number, position: number): void {
    this.#isKey[slot] = 0;
    if (this.#within[slot]! > Within.RESPONSE && position >= this.#innerEnd[slot]!) {
      this.#within[slot] = Within.RESPONSE;
      if (position > this.#innerEnd[slot]!) this.#garbled(slot);
    }
    if (!this.#isStream || this.#within[slot] !== Within.RESPONSE) return;
    if (position < this.#responseEnd[slot]!) return;
    this.#within[slot] = Within.STREAM_RESPONSE;
    if (position > this.#responseEnd[slot]!) this.#garbled(slot);
  }

  #keep(slot: number, bytes: Uint8Array): void {
    const kept = this.#lastKeyBytes[slot]!;
    const needed = kept + this.#pieceEnd - this.#pieceStart;
    let key = this.#lastKey[slot]!;
    if (needed > key.length) {
      const longer = Buffer.alloc(Math.max(needed, 2 * key.length));
      longer.set(key);
      key = longer;
      this.#lastKey[slot] = key;
    }
    key.set(bytes.subarray(this.#pieceStart, this.#pieceEnd), kept);
    this.#lastKeyBytes[slot] = needed;
  }

  /** Whatever comes is skipped. */
  #garbled(slot: number): void {
    this.#isGarbled[slot] = 1;
    this.#isKey[slot] = 0;
    this.#skip[slot] = Number.POSITIVE_INFINITY;
  }
}
