/**
 * Remembers when each revision was acknowledged: the times at which the highest one rose, oldest first,
 * in a ring that grows up to a bound and then forgets the oldest.
 */

const FIRST_SIZE = 1_024;
/** 16 octets each: at 50,000 puts a second it remembers 20 s. */
const LARGEST_SIZE = 2 ** 20;

export class AcknowledgedRevisions {
  /** 0 before the first. */
  highest = 0;
  /** The highest revision that is not remembered any more; 0 while all are. */
  forgotten = 0;
  /** How often etcd was emptied or restored: revisions of different histories are not compared. */
  history = 0;
  readonly #largestSize: number;
  #revisions = new Float64Array(FIRST_SIZE);
  #timesNs = new Float64Array(FIRST_SIZE);
  /** Entries by number modulo the ring's size, from `#oldest` up to `#next`. */
  #oldest = 0;
  #next = 0;

  /** @param largestSize a power of two */
  constructor(largestSize = LARGEST_SIZE) {
    this.#largestSize = largestSize;
  }

  /**
   * Times come in order; revisions need not, except that a put has a higher one than all that were
   * acknowledged before it was sent. Where it has not, etcd was emptied or restored, and all
   * before is forgotten.
   * @param highestBefore the highest revision when the put was sent
   * @param history of that time
   */
  acknowledged(
    revision: number,
    nowNs: number,
    highestBefore = 0,
    history: number = this.history,
  ): void {
    // An answer without a revision says nothing; one of a put sent before may belong to either history.
    if (revision === 0 || history !== this.history) return;
    if (revision <= highestBefore) this.#beginHistory();
    if (revision <= this.highest) return;
    if (this.#next - this.#oldest === this.#revisions.length) this.#makeRoom();
    const at = this.#next & (this.#revisions.length - 1);
    this.#revisions[at] = revision;
    this.#timesNs[at] = nowNs;
    this.#next += 1;
    this.highest = revision;
  }

  /**
   * When the first acknowledgement of a revision above `revision`, which is below the highest, came;
   * of those that are remembered where it is below `forgotten`.
   */
  firstAboveNs(revision: number): number {
    const mask = this.#revisions.length - 1;
    let low = this.#oldest;
    let high = this.#next - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#revisions[middle & mask]! > revision) high = middle;
      else low = middle + 1;
    }
    return this.#timesNs[low & mask]!;
  }

  #beginHistory(): void {
    this.history += 1;
    this.highest = 0;
    this.forgotten = 0;
    this.#oldest = this.#next;
  }

  #makeRoom(): void {
    const size = this.#revisions.length;
    if (size >= this.#largestSize) {
      this.forgotten = this.#revisions[this.#oldest & (size - 1)]!;
      this.#oldest += 1;
      return;
    }
    const revisions = new Float64Array(size * 2);
    const timesNs = new Float64Array(size * 2);
    for (let entry = this.#oldest; entry < this.#next; entry++) {
      revisions[entry & (size * 2 - 1)] = this.#revisions[entry & (size - 1)]!;
      timesNs[entry & (size * 2 - 1)] = this.#timesNs[entry & (size - 1)]!;
    }
    this.#revisions = revisions;
    this.#timesNs = timesNs;
  }
}
