/** Owns the order of runs: pairs of a and b in which each side goes first in turn (ABBA). */

export type SideName = "a" | "b";

/**
 * The two runs of a pair, counted from 0. A drift of the machine that is even then weighs on both
 * sides alike.
 */
export function turnsOf(pair: number, isAFirst: boolean): readonly [SideName, SideName] {
  const isStraight = pair % 2 === 0;
  return isStraight === isAFirst ? ["a", "b"] : ["b", "a"];
}
