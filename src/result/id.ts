/** Makes the ids of results: short, and in the order of time when sorted as text. */
import { randomInt } from "node:crypto";

const BASE = 36;
// Eight digits of base 36 hold milliseconds until the year 2059.
const TIME_DIGITS = 8;
const RANDOM_DIGITS = 4;

/** Twelve of [0-9a-z]: the time in milliseconds, then chance, so that two hosts do not collide. */
export function newResultId(nowMs: number = Date.now()): string {
  const time = Math.floor(nowMs).toString(BASE).padStart(TIME_DIGITS, "0");
  const chance = randomInt(BASE ** RANDOM_DIGITS).toString(BASE);
  return time + chance.padStart(RANDOM_DIGITS, "0");
}
