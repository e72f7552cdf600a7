/**
 * Follows how far the monotonic clock of another machine is ahead of this one's. Each message bounds that from one
 * side: it was heard after it was sent (Cristian's algorithm, each way by itself). Clocks drift, so a bound widens
 * with its age, and newer messages replace it.
 */

/** The rates of two machines' clocks differ by less than this: 500 ppm, which is as far as NTP slews one. */
export const MOST_DRIFT = 500e-6;
/** From each side. */
const KEPT = 8;
const PASSES = 3;
/** Times of days, in nanoseconds, are rounded to less; no clock jumps by so little. */
const ROUNDING_NS = 100;

/** At one point in time. */
export interface ClockMapping {
  /** How far the other clock is ahead. */
  offsetNs: number;
  /** The offset is wrong by this at most; Infinity before messages went both ways. */
  uncertaintyNs: number;
}

/** How the offset has changed since the first mapping. */
export interface ClockDrift {
  ppm: number;
  /** The rate is wrong by this at most. */
  uncertaintyPpm: number;
}

interface Bound {
  /** When it holds exactly, on the other clock. */
  atNs: number;
  offsetNs: number;
}

export class ClockTrack {
  /** The offset is no more than these. */
  readonly #most: Bound[] = [];
  /** And no less than these. */
  readonly #least: Bound[] = [];
  #first: (ClockMapping & { atNs: number }) | null = null;

  /** A message from here was heard there, each time on its own clock. */
  told(sentNs: number, heardNs: number): void {
    this.#add(this.#most, 1, { atNs: heardNs, offsetNs: heardNs - sentNs });
  }

  /** A message from there was heard here. */
  heard(sentNs: number, heardNs: number): void {
    this.#add(this.#least, -1, { atNs: sentNs, offsetNs: sentNs - heardNs });
    const mapping = this.#first ?? this.at(heardNs);
    if (Number.isFinite(mapping.uncertaintyNs)) this.#first ??= { ...mapping, atNs: heardNs };
  }

  /** @param hereNs on this machine's clock */
  at(hereNs: number): ClockMapping {
    const newest = this.#most.at(-1) ?? this.#least.at(-1);
    if (newest === undefined) return { offsetNs: 0, uncertaintyNs: Number.POSITIVE_INFINITY };
    let mapping = this.#atOther(hereNs + newest.offsetNs);
    // The time there is wrong by as much as the offset: MOST_DRIFT of that is left, and of that again.
    for (let pass = 0; pass < PASSES && Number.isFinite(mapping.uncertaintyNs); pass++) {
      mapping = this.#atOther(hereNs + mapping.offsetNs);
    }
    return mapping;
  }

  /** Null before there is a mapping, and at the time of the first. */
  drift(hereNs: number): ClockDrift | null {
    const first = this.#first;
    const { offsetNs, uncertaintyNs } = this.at(hereNs);
    if (first === null || hereNs <= first.atNs) return null;
    const spanNs = hereNs - first.atNs;
    return {
      ppm: ((offsetNs - first.offsetNs) / spanNs) * 1e6,
      uncertaintyPpm: ((uncertaintyNs + first.uncertaintyNs) / spanNs) * 1e6,
    };
  }

  #atOther(atNs: number): ClockMapping {
    const { most, least } = this.#boundsAt(atNs);
    const uncertaintyNs = Math.abs(most - least) / 2;
    if (uncertaintyNs < Number.POSITIVE_INFINITY) {
      return { offsetNs: (most + least) / 2, uncertaintyNs: uncertaintyNs * (1 + 2 * MOST_DRIFT) };
    }
    return { offsetNs: Number.isFinite(most) ? most : least, uncertaintyNs };
  }

  /** @param side 1: of the upper bounds, the lower say more; -1: the other way round */
  #add(bounds: Bound[], side: 1 | -1, bound: Bound): void {
    const saysLess = (each: Bound) =>
      side * (bound.offsetNs - each.offsetNs) <= MOST_DRIFT * (bound.atNs - each.atNs);
    while (bounds.length > 0 && saysLess(bounds.at(-1)!)) bounds.pop();
    bounds.push(bound);
    // The oldest says most, as long as it is there, and the newest will.
    if (bounds.length > KEPT) bounds.splice(-2, 1);
    if (!this.#isConsistent(bound.atNs)) this.#forgetOlder();
  }

  #isConsistent(atNs: number): boolean {
    const { most, least } = this.#boundsAt(atNs);
    return most > least - ROUNDING_NS;
  }

  /** Between which the offset is; infinite on a side that nothing is known of. */
  #boundsAt(atNs: number): { most: number; least: number } {
    const widened = ({ atNs: heldNs }: Bound) => MOST_DRIFT * Math.abs(atNs - heldNs);
    return {
      most: Math.min(...this.#most.map((each) => each.offsetNs + widened(each))),
      least: Math.max(...this.#least.map((each) => each.offsetNs - widened(each))),
    };
  }

  /** A clock has jumped, as that of a machine that was suspended: what was known before says nothing now. */
  #forgetOlder(): void {
    this.#most.splice(0, this.#most.length - 1);
    this.#least.splice(0, this.#least.length - 1);
    this.#first = null;
  }
}
