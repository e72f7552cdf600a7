/**
 * The unary requests of one connection that have begun and not ended: the method of each, and of
 * those whose method reads the message the message too.
 */
import { readUint32 } from "#wire/framing";
import { MessageReader } from "./message-reader.ts";
import type { UnaryMethod } from "./methods.ts";

const NOTHING = new Uint8Array(0);
/** Octets of gRPC's prefix: whether the message is compressed, and its length. */
const PREFIX_BYTES = 5;

interface WantedMessage {
  /** Null: it is there. */
  reader: MessageReader | null;
  bytes: Uint8Array;
}

export class UnaryRequests {
  /** The one whose HEADERS came last and whose DATA is awaited: nearly always the only one. */
  #lastId = 0;
  #lastMethod: UnaryMethod | undefined;
  /** The others. */
  readonly #methods = new Map<number, UnaryMethod>();
  readonly #wanted = new Map<number, WantedMessage>();

  begin(streamId: number, method: UnaryMethod): void {
    if (this.#lastMethod !== undefined) this.#methods.set(this.#lastId, this.#lastMethod);
    this.#lastId = streamId;
    this.#lastMethod = method;
  }

  /** Undefined for one that has ended, or never began. */
  methodOf(streamId: number): UnaryMethod | undefined {
    return streamId === this.#lastId ? this.#lastMethod : this.#methods.get(streamId);
  }

  /** Reads DATA of one whose message is wanted. @throws ConnectionError where that is no framing of gRPC */
  readMessage(streamId: number, bytes: Uint8Array, start: number, end: number): void {
    let wanted = this.#wanted.get(streamId);
    if (wanted === undefined && isWhole(bytes, start, end)) {
      const whole = bytes.slice(start + PREFIX_BYTES, end);
      this.#wanted.set(streamId, { reader: null, bytes: whole });
      return;
    }
    if (wanted === undefined) {
      const made: WantedMessage = {
        bytes: NOTHING,
        reader: new MessageReader((lent, from, to) => {
          made.bytes = new Uint8Array(lent.subarray(from, to));
        }),
      };
      wanted = made;
      this.#wanted.set(streamId, made);
    }
    wanted.reader?.read(bytes, start, end);
  }

  /** The message of one that ends; empty where none was wanted, or none came. */
  takeMessage(streamId: number): Uint8Array {
    const wanted = this.#wanted.get(streamId);
    if (wanted === undefined) return NOTHING;
    this.#wanted.delete(streamId);
    return wanted.bytes;
  }

  /** It has ended; returns its method, or undefined where it had ended before. */
  end(streamId: number): UnaryMethod | undefined {
    if (streamId === this.#lastId) {
      const method = this.#lastMethod;
      this.#lastId = 0;
      this.#lastMethod = undefined;
      return method;
    }
    const method = this.#methods.get(streamId);
    if (method !== undefined) this.#methods.delete(streamId);
    return method;
  }
}

/** Whether the DATA holds one message and nothing else, as that of nearly every request does. */
function isWhole(bytes: Uint8Array, start: number, end: number): boolean {
  const rest = end - start - PREFIX_BYTES;
  return rest >= 0 && bytes[start] === 0 && readUint32(bytes, start + 1) === rest;
}
