/**
 * Maps times between the monotonic clocks of two machines, which have nothing in common: from exchanges of
 * messages follow how far an agent's clock is ahead, and how wrong that may be (Cristian's algorithm).
 */

/** A question of the coordinator's and an agent's answer; each time on the clock of its machine. */
export interface Exchange {
  /** By the coordinator. */
  sentNs: number;
  receivedNs: number;
  /** By the agent. */
  heardNs: number;
  answeredNs: number;
}

export interface ClockMapping {
  /** How far the agent's clock is ahead of the coordinator's. */
  offsetNs: number;
  /** The offset is wrong by this at most. */
  uncertaintyNs: number;
}

/** From the exchange that took the shortest time on its way, since it leaves the least doubt. */
export function mappingOf(exchanges: readonly Exchange[]): ClockMapping {
  const mappings = exchanges.map(({ sentNs, receivedNs, heardNs, answeredNs }) => ({
    offsetNs: (heardNs - sentNs + (answeredNs - receivedNs)) / 2,
    uncertaintyNs: Math.max(0, (receivedNs - sentNs - (answeredNs - heardNs)) / 2),
  }));
  return mappings.reduce((best, each) => (each.uncertaintyNs < best.uncertaintyNs ? each : best));
}

/** Between the first and the last of some times; 0 for fewer than two. */
export function spreadOf(times: readonly number[]): number {
  return times.length < 2 ? 0 : Math.max(...times) - Math.min(...times);
}
