/**
 * Counts the streams that a worker's operations need at once on each of its connections: those that
 * they hold open, and one more where clients make calls next to them.
 */
import type { WorkerShare } from "../plan/shares.ts";
import type { Loads } from "./load.ts";
import type { OperationSpec } from "./messages.ts";

export interface StreamNeed {
  /** `host:port`. */
  endpoint: string;
  /** Stay open, or wait for as long as others like them are open. */
  held: number;
  /** With those that are needed to go on meanwhile. */
  atOnce: number;
  /** With those of all clients that may call at once. */
  most: number;
}

/** By connection: the share's, then those of the operations' own, as the transport has them. */
export function streamsNeeded(
  loads: Loads,
  operations: readonly OperationSpec[],
  share: WorkerShare,
): StreamNeed[] {
  const needs = share.connectionEndpoints.map(noNeed);
  const clients = countsOf(share.clientConnections, needs.length);
  /** Of connections of their own, those on which calls are made. */
  const called = new Set<number>();
  let holdingClients = false;
  for (const spec of operations) {
    const firstOwn = needs.length;
    const load = loads.of(spec);
    needs.push(...(load.ownConnections?.(spec, share) ?? []).map(noNeed));
    for (const own of load.calledConnections?.(spec, share, firstOwn) ?? []) called.add(own);
    const held = (load.heldSlots ?? load.extraSlots)?.(spec, share, firstOwn) ?? [];
    for (const connection of held) needs[connection]!.held += 1;
    holdingClients ||= load.holdsClientStreams?.(spec) ?? false;
  }
  for (const [connection, need] of needs.entries()) {
    const calling = clients[connection] ?? 0;
    if (holdingClients) need.held += calling;
    const isCalled = called.has(connection) || (calling > 0 && !holdingClients);
    need.atOnce = need.held + (isCalled ? 1 : 0);
    need.most = need.held + (holdingClients ? 0 : calling);
  }
  return needs;
}

function noNeed(endpoint: string): StreamNeed {
  return { endpoint, held: 0, atOnce: 0, most: 0 };
}

function countsOf(connections: readonly number[], length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  for (const connection of connections) counts[connection]! += 1;
  return counts;
}
