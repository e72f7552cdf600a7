/** What a fault proxy counts of the connections that pass through it. */
import type { FaultDirection } from "./network-fault.ts";

export interface Traffic {
  readBytes: number;
  /** Of them, those that a blackhole took. */
  droppedBytes: number;
  /** Of the chunk that was delayed last; 0: none yet. */
  latestDelayMs: number;
}

export interface ProxyCounts {
  accepted: number;
  /** Of those accepted: reset at once, by a loss of new connections. */
  refused: number;
  /** Of those accepted: the target could not be reached. */
  unreachable: number;
  /** Reset by a fault, or at the end of a blackhole that took bytes. */
  cut: number;
  readonly traffic: Readonly<Record<FaultDirection, Traffic>>;
}

export function noCounts(): ProxyCounts {
  const none = (): Traffic => ({ readBytes: 0, droppedBytes: 0, latestDelayMs: 0 });
  return { accepted: 0, refused: 0, unreachable: 0, cut: 0, traffic: { tx: none(), rx: none() } };
}
