/** Ids of watchers in the tests of watches. */
import { FIRST_WATCH_ID } from "../../../../src/workloads/parts/watching/watchers.ts";

/** Ids that this client gives to its watchers. */
export const [ONE, TWO, NONE] = [FIRST_WATCH_ID, FIRST_WATCH_ID + 1, FIRST_WATCH_ID + 8];

export const BOTH = [ONE, TWO];
