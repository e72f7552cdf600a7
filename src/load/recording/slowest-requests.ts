/**
 * Keeps the slowest requests of one series while a worker records it. A sample costs one compare with
 * `floorNs`. What is kept is in columns, so that a run in which each request is slower than the one
 * before allocates nothing either.
 */
import { statusName } from "#wire";
import { toSharedNs } from "../../clock.ts";
import { NO_SCHEDULE } from "./missing-counts.ts";

/** Longer keys are not kept. */
export const MOST_KEY_BYTES = 512;

/** One of the slowest requests of a worker; times on the clock that the threads share. */
export interface SlowRequest {
  endNs: number;
  serviceNs: number;
  /** From when it was due; null in a closed loop. */
  responseNs: number | null;
  /** The name of its gRPC status. */
  code: string;
  /** Null: not known, as are those below. */
  endpoint: string | null;
  key: Uint8Array | null;
  revision: number | null;
}

/** What is known of a request that is kept, in addition to its times. */
export interface RequestDetails {
  status: number;
  endpoint: string | null;
  /** The first so many octets; 0: not known. */
  key: Uint8Array;
  keyBytes: number;
  /** 0: not known. */
  revision: number;
}

export class SlowestRequests {
  /** A request is kept if it took longer. */
  floorNs: number;
  readonly #most: number;
  #count = 0;
  /** The next row to be replaced. */
  #lowest = 0;
  readonly #rankNs: Float64Array;
  readonly #endNs: Float64Array;
  readonly #serviceNs: Float64Array;
  readonly #responseNs: Float64Array;
  readonly #revision: Float64Array;
  readonly #status: Uint8Array;
  readonly #isNew: Uint8Array;
  readonly #keyBytes: Uint16Array;
  readonly #keys: Uint8Array;
  readonly #endpoints: (string | null)[];

  /** @param most 0: none are kept */
  constructor(most: number) {
    this.#most = most;
    this.floorNs = floorOf(most);
    this.#rankNs = new Float64Array(most);
    this.#endNs = new Float64Array(most);
    this.#serviceNs = new Float64Array(most);
    this.#responseNs = new Float64Array(most);
    this.#revision = new Float64Array(most);
    this.#status = new Uint8Array(most);
    this.#isNew = new Uint8Array(most);
    this.#keyBytes = new Uint16Array(most);
    this.#keys = new Uint8Array(most * MOST_KEY_BYTES);
    this.#endpoints = new Array<string | null>(most).fill(null);
  }

  /**
   * Keeps a request whose judged time is above `floorNs`, in place of the fastest one.
   * @param endNs of this thread's clock
   * @param responseNs may be `NO_SCHEDULE`
   */
  keep(endNs: number, serviceNs: number, responseNs: number, details: RequestDetails): void {
    const row = this.#count < this.#most ? this.#count++ : this.#lowest;
    this.#rankNs[row] = responseNs === NO_SCHEDULE ? serviceNs : responseNs;
    this.#endNs[row] = endNs;
    this.#serviceNs[row] = serviceNs;
    this.#responseNs[row] = responseNs;
    this.#revision[row] = details.revision;
    this.#status[row] = details.status;
    this.#isNew[row] = 1;
    this.#endpoints[row] = details.endpoint;
    this.#keyBytes[row] = details.keyBytes;
    const firstByte = row * MOST_KEY_BYTES;
    for (let at = 0; at < details.keyBytes; at++) this.#keys[firstByte + at] = details.key[at]!;
    if (this.#count === this.#most) this.#findLowest();
  }

  /** Those that were kept since the last time and are still among the slowest. */
  takeNew(): SlowRequest[] {
    const taken: SlowRequest[] = [];
    for (let row = 0; row < this.#count; row++) {
      if (this.#isNew[row] === 0) continue;
      this.#isNew[row] = 0;
      taken.push(this.#request(row));
    }
    return taken;
  }

  clear(): void {
    this.#count = 0;
    this.floorNs = floorOf(this.#most);
  }

  #findLowest(): void {
    let lowest = 0;
    for (let row = 1; row < this.#most; row++) {
      if (this.#rankNs[row]! < this.#rankNs[lowest]!) lowest = row;
    }
    this.#lowest = lowest;
    this.floorNs = this.#rankNs[lowest]!;
  }

  #request(row: number): SlowRequest {
    const responseNs = this.#responseNs[row]!;
    const firstByte = row * MOST_KEY_BYTES;
    const keyBytes = this.#keyBytes[row]!;
    return {
      endNs: toSharedNs(this.#endNs[row]!),
      serviceNs: this.#serviceNs[row]!,
      responseNs: responseNs === NO_SCHEDULE ? null : responseNs,
      code: statusName(this.#status[row]!),
      endpoint: this.#endpoints[row]!,
      key: keyBytes === 0 ? null : this.#keys.slice(firstByte, firstByte + keyBytes),
      revision: this.#revision[row]! || null,
    };
  }
}

/** Without a place for any, no request is above it. */
function floorOf(most: number): number {
  return most === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
