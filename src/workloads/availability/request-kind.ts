/** What the kinds of requests of `bench availability` have in common, and what they know together. */
import type { RequestTemplate } from "#wire";

/** One kind of request, in a slot of the client that is of the endpoint that it goes to. */
export interface RequestKind {
  /** `attachment`: where the client is attached. It must lead to one `ended`. */
  begin(client: number, slot: number, attachment: number, nowNs: number): void;
  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  onCallEnd(client: number, status: number, message: string, nowNs: number): void;
  /** Sends the client's call again, which the server has not processed. */
  resend(client: number, slot: number): void;
  /** The client's request again; absent: it has no key. */
  requestOf?(client: number): RequestTemplate;
  /** The slot of the client's call; absent: the one that it began in. */
  slotOf?(client: number): number;
  /** The wait for the client's call is over. */
  cancelled(client: number): void;
}

/** The request of the client is over. */
export type Ended = (client: number, status: number, message: string, nowNs: number) => void;

/** By client, what the row of its request will say. */
export interface RowValues {
  number: Float64Array;
  revision: Float64Array;
  known: Float64Array;
}

/** What was acknowledged until now, by which reads are judged. */
export interface Acknowledged {
  /** The put that was acknowledged last; 0 before the first. */
  put: number;
  /** The highest of any put, and of any put or linearizable read. */
  putRevision: number;
  revision: number;
}

const DIGITS = 12;

/** Numbers of puts are from 1 up, in so many digits, in keys and values. */
export function writeNumber(bytes: Uint8Array, offset: number, number: number): void {
  let rest = number;
  for (let at = offset + DIGITS - 1; at >= offset; at--) {
    bytes[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

export function keyOf(prefix: Uint8Array, number: number): Buffer {
  const key = Buffer.alloc(prefix.length + DIGITS);
  key.set(prefix);
  writeNumber(key, prefix.length, number);
  return key;
}

/** The number in `bytes` from `offset` on; -1 where there is none. */
export function numberAt(bytes: Uint8Array, offset: number, end: number): number {
  if (end - offset < DIGITS) return -1;
  let number = 0;
  for (let at = offset; at < offset + DIGITS; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
