/**
 * Keeps a worker's own objects of one resource: which there are, the revision of the last write of
 * each, and which client writes it now. An object is a slot, a small integer; a slot is used again when
 * its object is gone and no event of it is still to come.
 */

const NOWHERE = -1;

export class Objects {
  readonly #workers: number;
  readonly #workerIndex: number;
  /** By slot: the object's number in the run, and the revisions of its last two writes. */
  #numbers: Float64Array;
  #modRevisions: Float64Array;
  #revisionsBefore: Float64Array;
  /** The numbers of the last write that is known to be stored, and of a deletion. */
  #lastWrites: Float64Array;
  #deletions: Float64Array;
  #eventsLeft: Int32Array;
  #isBusy: Uint8Array;
  /** The slots of objects that exist, in no order, and the index of each there. */
  #existing: Int32Array;
  #places: Int32Array;
  #existingCount = 0;
  #free: Int32Array;
  #freeCount = 0;
  #slots = 0;
  #created = 0;
  #turn = 0;
  /** The slot that was updated last. */
  lastUpdated = NOWHERE;

  constructor(workerIndex: number, workers: number, capacity: number) {
    this.#workerIndex = workerIndex;
    this.#workers = workers;
    const slots = Math.max(1, capacity);
    this.#numbers = new Float64Array(slots);
    this.#modRevisions = new Float64Array(slots);
    this.#revisionsBefore = new Float64Array(slots);
    this.#lastWrites = new Float64Array(slots);
    this.#deletions = new Float64Array(slots);
    this.#eventsLeft = new Int32Array(slots);
    this.#isBusy = new Uint8Array(slots);
    this.#existing = new Int32Array(slots);
    this.#places = new Int32Array(slots);
    this.#free = new Int32Array(slots);
  }

  /** How many exist. */
  get count(): number {
    return this.#existingCount;
  }

  /** A slot for an object that does not exist yet, with a number that none has had; it is busy. */
  reserve(): number {
    let slot: number;
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      slot = this.#free[this.#freeCount]!;
    } else {
      if (this.#slots === this.#numbers.length) this.#grow();
      slot = this.#slots;
      this.#slots += 1;
    }
    this.#numbers[slot] = this.#created * this.#workers + this.#workerIndex;
    this.#created += 1;
    this.#modRevisions[slot] = 0;
    this.#revisionsBefore[slot] = 0;
    this.#eventsLeft[slot] = 0;
    this.#isBusy[slot] = 1;
    this.#places[slot] = NOWHERE;
    return slot;
  }

  /** The object exists from now on, for others to pick, too. */
  add(slot: number): void {
    this.#places[slot] = this.#existingCount;
    this.#existing[this.#existingCount] = slot;
    this.#existingCount += 1;
  }

  /** The object is gone; its slot waits for `events` of its deletion. */
  remove(slot: number, events: number): void {
    const place = this.#places[slot]!;
    if (place !== NOWHERE) {
      this.#existingCount -= 1;
      const last = this.#existing[this.#existingCount]!;
      this.#existing[place] = last;
      this.#places[last] = place;
      this.#places[slot] = NOWHERE;
    }
    if (this.lastUpdated === slot) this.lastUpdated = NOWHERE;
    // Some may have come before the deletion was acknowledged.
    this.#eventsLeft[slot]! += events;
    if (this.#eventsLeft[slot] === 0) this.#release(slot);
  }

  /** An event of the slot's deletion has come. */
  sawDeletion(slot: number): void {
    this.#eventsLeft[slot]! -= 1;
    if (this.#eventsLeft[slot] === 0 && this.#places[slot] === NOWHERE) this.#release(slot);
  }

  /** A free slot, about as likely as any other; `drawn` lies in [0, 1), and some must exist. */
  pick(drawn: number): number {
    return this.#pickFrom(Math.floor(drawn * this.#existingCount));
  }

  /** The next free one in turn. */
  pickNext(): number {
    this.#turn += 1;
    return this.#pickFrom(this.#turn % this.#existingCount);
  }

  number(slot: number): number {
    return this.#numbers[slot]!;
  }

  modRevision(slot: number): number {
    return this.#modRevisions[slot]!;
  }

  /** What a writer holds that has not seen the last update; 0 where there was none. */
  revisionBefore(slot: number): number {
    return this.#revisionsBefore[slot]!;
  }

  /** The object is stored as write `writeNumber` left it, by us or as etcd reports. */
  wrote(slot: number, modRevision: number, writeNumber: number): void {
    this.#revisionsBefore[slot] = this.#modRevisions[slot]!;
    this.#modRevisions[slot] = modRevision;
    this.#lastWrites[slot] = writeNumber;
  }

  /** A deletion of the slot's object is sent, as write `writeNumber`. */
  deleting(slot: number, writeNumber: number): void {
    this.#deletions[slot] = writeNumber;
  }

  /** The number of the deletion after write `writeNumber` of the object; -1 if there is none. */
  deletionOf(slot: number, writeNumber: number): number {
    if (slot >= this.#slots || this.#lastWrites[slot] !== writeNumber) return -1;
    return this.#deletions[slot]!;
  }

  isBusy(slot: number): boolean {
    return this.#isBusy[slot] === 1;
  }

  setBusy(slot: number, isBusy: boolean): void {
    this.#isBusy[slot] = isBusy ? 1 : 0;
  }

  #pickFrom(place: number): number {
    for (let step = 0; step < this.#existingCount; step++) {
      const slot = this.#existing[(place + step) % this.#existingCount]!;
      if (this.#isBusy[slot] === 0) return slot;
    }
    // With a client at each, two meet: one of them conflicts.
    return this.#existing[place]!;
  }

  #release(slot: number): void {
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
  }

  #grow(): void {
    const size = this.#numbers.length * 2;
    const longer = <Kind extends Float64Array | Int32Array | Uint8Array>(
      from: Kind,
      to: Kind,
    ): Kind => {
      to.set(from);
      return to;
    };
    this.#numbers = longer(this.#numbers, new Float64Array(size));
    this.#modRevisions = longer(this.#modRevisions, new Float64Array(size));
    this.#revisionsBefore = longer(this.#revisionsBefore, new Float64Array(size));
    this.#lastWrites = longer(this.#lastWrites, new Float64Array(size));
    this.#deletions = longer(this.#deletions, new Float64Array(size));
    this.#eventsLeft = longer(this.#eventsLeft, new Int32Array(size));
    this.#isBusy = longer(this.#isBusy, new Uint8Array(size));
    this.#existing = longer(this.#existing, new Int32Array(size));
    this.#places = longer(this.#places, new Int32Array(size));
    this.#free = longer(this.#free, new Int32Array(size));
  }
}
