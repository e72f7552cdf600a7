/** Works out what the faults in force do to the bytes of one direction of one connection. */
import type { NetworkFault } from "./network-fault.ts";

export interface Effects {
  readonly delay: { readonly latencyMs: number; readonly jitterMs: number } | null;
  readonly isPaused: boolean;
  readonly isBlackholed: boolean;
  readonly bytesPerSecond: number | null;
  readonly slice: { readonly bytes: number; readonly delayMs: number } | null;
  readonly slowCloseMs: number;
  readonly isHalfOpen: boolean;
}

/** One object, so that a comparison tells that there is nothing to do. */
export const NO_EFFECTS: Effects = {
  ...{ delay: null, isPaused: false, isBlackholed: false, bytesPerSecond: null },
  ...{ slice: null, slowCloseMs: 0, isHalfOpen: false },
};

/** @param faults of one direction, those that concern the connection; at most one of each kind */
export function effectsOf(faults: readonly NetworkFault[]): Effects {
  let effects = NO_EFFECTS;
  for (const fault of faults) effects = { ...effects, ...effectOf(fault) };
  return effects;
}

function effectOf(fault: NetworkFault): Partial<Effects> {
  switch (fault.kind) {
    case "delay":
      return { delay: fault };
    case "pause":
      return { isPaused: true };
    case "blackhole":
      return { isBlackholed: true };
    case "bandwidth":
      return { bytesPerSecond: fault.bytesPerSecond };
    case "slice":
      return { slice: fault };
    case "slow-close":
      return { slowCloseMs: fault.delayMs };
    case "half-open":
      return { isHalfOpen: true };
    // These two act on connections, and leave their bytes alone.
    case "loss":
    case "reset":
      return {};
  }
}

/** How late a chunk is, evenly distributed around the latency. */
export function drawDelayMs(
  { latencyMs, jitterMs }: { latencyMs: number; jitterMs: number },
  random: () => number,
): number {
  return Math.max(0, latencyMs + (random() * 2 - 1) * jitterMs);
}
