/** The duration of workloads that go on until something ends them. */
import type { GivenFlags } from "../../../flags/flag.ts";

/** The texts given, and `duration` where nothing else ends the run: a search says itself how long its runs last. */
export function withDuration(given: GivenFlags, duration: string): GivenFlags {
  const isOpen = given.total === undefined && given["find-max"] === undefined;
  return { ...(isOpen ? { duration } : {}), ...given };
}
