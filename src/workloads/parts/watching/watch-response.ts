/**
 * Reads etcd's WatchResponse from protobuf octets, in place: no object, string or copy per event.
 * One message after the other is opened, and its events are read in order; what was found is in the
 * fields. Fields may come in any order, and unknown ones are skipped.
 */

/** Wire types of protobuf ("Encoding", message structure). */
const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

/** Field numbers of WatchResponse, ResponseHeader, mvccpb.Event and mvccpb.KeyValue. */
const HEADER = 1;
const WATCH_ID = 2;
const CREATED = 3;
const CANCELED = 4;
const COMPACT_REVISION = 5;
const CANCEL_REASON = 6;
const EVENTS = 11;
const HEADER_REVISION = 3;
const EVENT_TYPE = 1;
const EVENT_KV = 2;
const EVENT_PREV_KV = 3;
const KV_KEY = 1;
const KV_MOD_REVISION = 3;
const KV_VALUE = 5;

/** A varint of 64 bits has at most this many octets. */
const MAX_VARINT_BYTES = 10;

/** All ids at or above this are negative int64s; the server's "no watcher" is -1. */
const NEGATIVE_FROM = 2 ** 63;

export class WatchResponseReader {
  watchId = 0;
  isCreated = false;
  isCanceled = false;
  /** Where a watcher was cancelled because its revision has been compacted: the first one that is there. */
  compactRevision = 0;
  /** Why the message is none, after which it yields no event; empty when nothing is wrong. */
  fault = "";
  /** Of the current event. */
  isDelete = false;
  modRevision = 0;
  /** The offsets of its key and value in the opened bytes; empty ones start and end at 0. */
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Of the key before the event, where the watcher asked for it. */
  prevValueStart = 0;
  prevValueEnd = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #headerStart = 0;
  #headerEnd = 0;
  #reasonStart = 0;
  #reasonEnd = 0;
  /** Of the field that `#field` has read: its number, and its value or its octets' bounds. */
  #number = 0;
  #value = 0;
  #from = 0;
  #to = 0;

  /** Reads all but the events of `bytes[start, end)`; false where that is no message. */
  open(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.fault = "";
    this.watchId = 0;
    this.isCreated = false;
    this.isCanceled = false;
    this.compactRevision = 0;
    this.#headerStart = 0;
    this.#headerEnd = 0;
    this.#reasonStart = 0;
    this.#reasonEnd = 0;
    let at = start;
    let firstEvent = end;
    while (at < end) {
      const fieldStart = at;
      at = this.#field(at, end);
      if (at < 0) return this.#garbled();
      if (this.#number === EVENTS) {
        if (firstEvent === end) firstEvent = fieldStart;
      } else if (this.#number === HEADER) {
        this.#headerStart = this.#from;
        this.#headerEnd = this.#to;
      } else if (this.#number === WATCH_ID) {
        this.watchId = this.#value >= NEGATIVE_FROM ? -1 : this.#value;
      } else if (this.#number === CREATED) this.isCreated = this.#value !== 0;
      else if (this.#number === CANCELED) this.isCanceled = this.#value !== 0;
      else if (this.#number === COMPACT_REVISION) this.compactRevision = this.#value;
      else if (this.#number === CANCEL_REASON) {
        this.#reasonStart = this.#from;
        this.#reasonEnd = this.#to;
      }
    }
    this.#at = firstEvent;
    return true;
  }

  /** The newest one of etcd when it sent the message; 0: it is not in the header. To be read before events. */
  get headerRevision(): number {
    let at = this.#headerStart;
    while (at < this.#headerEnd) {
      at = this.#field(at, this.#headerEnd);
      if (at < 0) return 0;
      if (this.#number === HEADER_REVISION) return this.#value;
    }
    return 0;
  }

  /** Why a watcher was cancelled. A compaction is reported by its revision alone. */
  get cancelReason(): string {
    if (this.#reasonEnd === this.#reasonStart) {
      return this.compactRevision > 0
        ? `etcdserver: mvcc: required revision has been compacted, up to ${this.compactRevision}`
        : "no reason was given";
    }
    return Buffer.from(this.#bytes.subarray(this.#reasonStart, this.#reasonEnd)).toString("utf8");
  }

  /** Goes on to the next event; false after the last, and at a garbled one (`fault` has the reason). */
  nextEvent(): boolean {
    while (this.#at < this.#end) {
      this.#at = this.#field(this.#at, this.#end);
      if (this.#at < 0) return this.#garbled();
      if (this.#number === EVENTS) return this.#event(this.#from, this.#to) || this.#garbled();
    }
    return false;
  }

  #event(start: number, end: number): boolean {
    this.isDelete = false;
    this.modRevision = 0;
    this.keyStart = 0;
    this.keyEnd = 0;
    this.valueStart = 0;
    this.valueEnd = 0;
    this.prevValueStart = 0;
    this.prevValueEnd = 0;
    let at = start;
    while (at < end) {
      at = this.#field(at, end);
      if (at < 0) return false;
      if (this.#number === EVENT_TYPE) this.isDelete = this.#value !== 0;
      else if (this.#number === EVENT_KV && !this.#keyValue(this.#from, this.#to)) return false;
      else if (this.#number === EVENT_PREV_KV && !this.#previous(this.#from, this.#to)) {
        return false;
      }
    }
    return true;
  }

  #previous(start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      at = this.#field(at, end);
      if (at < 0) return false;
      if (this.#number === KV_VALUE) {
        this.prevValueStart = this.#from;
        this.prevValueEnd = this.#to;
      }
    }
    return true;
  }

  #keyValue(start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      at = this.#field(at, end);
      if (at < 0) return false;
      if (this.#number === KV_MOD_REVISION) this.modRevision = this.#value;
      else if (this.#number === KV_KEY) {
        this.keyStart = this.#from;
        this.keyEnd = this.#to;
      } else if (this.#number === KV_VALUE) {
        this.valueStart = this.#from;
        this.valueEnd = this.#to;
      }
    }
    return true;
  }

  /** Reads one field at `at`; returns where the next one starts, or -1 where it is cut or unknown. */
  #field(at: number, end: number): number {
    let tag = this.#bytes[at]!;
    let next = at + 1;
    if (tag < 0x80) {
      this.#number = tag >> 3;
    } else {
      next = this.#varint(at, end);
      if (next < 0) return -1;
      tag = this.#value;
      this.#number = Math.floor(tag / 8);
    }
    switch (tag % 8) {
      case LEN:
        next = this.#varint(next, end);
        if (next < 0 || this.#value > end - next) return -1;
        this.#from = next;
        this.#to = next + this.#value;
        return this.#to;
      case VARINT:
        next = this.#varint(next, end);
        break;
      case I64:
        next += 8;
        break;
      case I32:
        next += 4;
        break;
      default:
        return -1;
    }
    this.#from = 0;
    this.#to = 0;
    return next <= end ? next : -1;
  }

  /** Into `#value`, as a float: revisions stay far below 2^53. */
  #varint(at: number, end: number): number {
    let byte = at < end ? this.#bytes[at]! : 0x80;
    if (byte < 0x80) {
      this.#value = byte;
      return at + 1;
    }
    let value = 0;
    let scale = 1;
    const last = Math.min(end, at + MAX_VARINT_BYTES);
    for (let index = at; index < last; index++) {
      byte = this.#bytes[index]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#value = value;
        return index + 1;
      }
      scale *= 128;
    }
    return -1;
  }

  #garbled(): false {
    this.fault = "the server sent a WatchResponse that is no protobuf message";
    this.#at = this.#end;
    return false;
  }
}

/** Why the WatchResponse in `bytes[start, end)` cancels its watcher, in etcd's words. */
export function cancelReasonOf(bytes: Uint8Array, start: number, end: number): string {
  const reader = new WatchResponseReader();
  reader.open(bytes, start, end);
  return reader.cancelReason;
}
