/**
 * Keeps what the clients of all workers know together of what they contend for: its owner, when it was
 * given back, how often each client had it. Memory that the worker threads and the main thread share,
 * so that two owners at once are seen in whichever workers they are, and the time from release to the
 * next owner is measured across threads.
 */
import { sharedOffsetNs } from "../../../clock.ts";

const NO_OWNER = 0;
/** Of each client the term that it has or waits for, and the one before. */
const TERMS_KEPT = 2;
/** In place of the time of a release: the term has not begun, as far as its client knows. */
const PENDING = -1;
const NONE = 0;

export interface BoardShape {
  /** How many there are to contend for. */
  names: number;
  /** Of the whole run. */
  clients: number;
}

/** Zeros, which is how a board begins. */
export function boardBuffer(shape: BoardShape): SharedArrayBuffer {
  return new SharedArrayBuffer(layOut(shape).sizeBytes);
}

/** Where each array starts: those of 8 bytes first. */
function layOut({ names, clients }: BoardShape) {
  const released = 0;
  const created = released + names * 8;
  const leases = created + names * 8;
  const asked = leases + clients * 8;
  const handedOver = asked + clients * TERMS_KEPT * 8;
  const owner = handedOver + clients * TERMS_KEPT * 8;
  const acquisitions = owner + names * 4;
  const term = acquisitions + clients * 4;
  const sizeBytes = term + clients * TERMS_KEPT * 4;
  return { released, created, leases, asked, handedOver, owner, acquisitions, term, sizeBytes };
}

export class ContentionBoard {
  readonly #names: number;
  readonly #offsetNs: number;
  /** By name, on the clock that threads share; NONE: it was never given back. */
  readonly #releasedNs: Float64Array;
  /** By name: the revision of its last owner's key. */
  readonly #createRevision: Float64Array;
  /** By name: a client's number plus 1, or NO_OWNER. */
  readonly #owner: Int32Array;
  /** By client. */
  readonly #leases: BigInt64Array;
  readonly #acquisitions: Int32Array;
  /** By client and term, modulo the terms kept. */
  readonly #term: Int32Array;
  readonly #askedNs: Float64Array;
  readonly #handedOverNs: Float64Array;

  /** `offsetNs` turns this thread's times into those of the clock that threads share. */
  constructor(buffer: SharedArrayBuffer, shape: BoardShape, offsetNs: number = sharedOffsetNs()) {
    const { names, clients } = shape;
    const at = layOut(shape);
    this.#names = names;
    this.#offsetNs = offsetNs;
    this.#releasedNs = new Float64Array(buffer, at.released, names);
    this.#createRevision = new Float64Array(buffer, at.created, names);
    this.#owner = new Int32Array(buffer, at.owner, names);
    this.#leases = new BigInt64Array(buffer, at.leases, clients);
    this.#acquisitions = new Int32Array(buffer, at.acquisitions, clients);
    this.#term = new Int32Array(buffer, at.term, clients * TERMS_KEPT);
    this.#askedNs = new Float64Array(buffer, at.asked, clients * TERMS_KEPT);
    this.#handedOverNs = new Float64Array(buffer, at.handedOver, clients * TERMS_KEPT);
  }

  /** Clients by their number in the whole run; client k contends for name k mod names. */
  nameOf(client: number): number {
    return client % this.#names;
  }

  /** The client asks for its name, for its term of this number, from 1 up. */
  asked(client: number, term: number, nowNs: number): void {
    const cell = cellOf(client, term);
    this.#askedNs[cell] = nowNs + this.#offsetNs;
    this.#handedOverNs[cell] = PENDING;
    Atomics.store(this.#term, cell, term);
  }

  /** The client owns its name now; false: another one does, too. */
  granted(client: number, term: number): boolean {
    const name = this.nameOf(client);
    const before = Atomics.exchange(this.#owner, name, client + 1);
    const cell = cellOf(client, term);
    this.#handedOverNs[cell] = this.#releaseAfter(this.#askedNs[cell]!, name);
    Atomics.add(this.#acquisitions, client, 1);
    return before === NO_OWNER;
  }

  /** After `granted`: whether the owner's key was created after that of the owner before. */
  isInOrder(client: number, createRevision: number): boolean {
    const name = this.nameOf(client);
    const before = this.#createRevision[name]!;
    this.#createRevision[name] = createRevision;
    return createRevision >= before;
  }

  /** The client gives its name back, or has lost it: from now on it does not think that it owns it. */
  released(client: number, nowNs: number): void {
    const name = this.nameOf(client);
    this.#releasedNs[name] = nowNs + this.#offsetNs;
    Atomics.compareExchange(this.#owner, name, client + 1, NO_OWNER);
  }

  /**
   * How long ago, at `nowNs`, the owner before gave the name back for which the client had asked
   * already; null where it was free, and where the term is too long ago to be known.
   */
  sinceHandOverNs(client: number, term: number, nowNs: number): number | null {
    const cell = cellOf(client, term);
    if (Atomics.load(this.#term, cell) !== term) return null;
    let releasedNs = this.#handedOverNs[cell]!;
    if (releasedNs === PENDING) {
      releasedNs = this.#releaseAfter(this.#askedNs[cell]!, this.nameOf(client));
    }
    return releasedNs === NONE ? null : nowNs + this.#offsetNs - releasedNs;
  }

  #releaseAfter(askedNs: number, name: number): number {
    const releasedNs = this.#releasedNs[name]!;
    return releasedNs >= askedNs ? releasedNs : NONE;
  }

  /** A phase begins, in which the client has acquired nothing yet. */
  forgetAcquisitions(client: number): void {
    Atomics.store(this.#acquisitions, client, 0);
  }

  /** By client. */
  get acquisitions(): number[] {
    return Array.from(this.#acquisitions);
  }

  /** A decimal id. */
  setLease(client: number, lease: string): void {
    Atomics.store(this.#leases, client, BigInt(lease));
  }

  leaseOf(client: number): string {
    return String(Atomics.load(this.#leases, client));
  }
}

function cellOf(client: number, term: number): number {
  return client * TERMS_KEPT + (term % TERMS_KEPT);
}
