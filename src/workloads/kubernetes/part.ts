/**
 * Defines the parts of an operation of the kubernetes workload: they get failed calls too, since they
 * keep the state of the registry, and their counts are of the operation's own series.
 */
import type { Steps, StepsHost } from "../parts/calls/part.ts";

export interface Part extends Steps {
  /** The operation's first call has left only now, having waited in the client. */
  onCallSent?(client: number, nowNs: number): void;
  /** The call of the step has failed, or was cut: what came of it is not known. The operation ends. */
  onFailed(client: number, nowNs: number): void;
}

export interface PartHost extends StepsHost {
  /** Adds to a named count of the series of the client's operation. */
  count(client: number, name: string, amount: number): void;
  /** When the client's operation was due. */
  dueNs(client: number): number;
}
