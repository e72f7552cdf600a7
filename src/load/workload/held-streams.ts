/**
 * Counts the streams that a worker's operations need at once on each of its connections: those that
 * they hold open, and one more where clients make calls next to them.
 */
import type { WorkerShare } from "../../plan/shares.ts";
import type { OperationSpec } from "../messages.ts";
import { contendHeldConnections } from "./contend-requests.ts";
import { extraSlotConnections, ownConnections } from "./registry.ts";

export interface StreamNeed {
  /** `host:port`. */
  endpoint: string;
  /** Stay open, or wait for as long as others like them are open. */
  held: number;
  /** With those that are needed to go on meanwhile. */
  atOnce: number;
}

/** By connection: the share's, then those of the operations' own, as the transport has them. */
export function streamsNeeded(
  operations: readonly OperationSpec[],
  share: WorkerShare,
): StreamNeed[] {
  const needs = share.connectionEndpoints.map(noNeed);
  const clients = countsOf(share.clientConnections, needs.length);
  let holdingClients = false;
  for (const spec of operations) {
    const firstOwn = needs.length;
    needs.push(...ownConnections(spec, share).map(noNeed));
    for (const connection of heldConnections(spec, share, firstOwn)) needs[connection]!.held += 1;
    holdingClients ||= holdsClientStreams(spec);
  }
  for (const [connection, need] of needs.entries()) {
    const calling = clients[connection] ?? 0;
    if (holdingClients) need.held += calling;
    need.atOnce = need.held + (holdingClients || calling === 0 ? 0 : 1);
  }
  return needs;
}

/** The connections of the slots beyond the clients' whose streams stay open. */
function heldConnections(spec: OperationSpec, share: WorkerShare, firstOwn: number): number[] {
  switch (spec.kind) {
    case "staleness":
      // The reads of members end like any call.
      return [];
    case "contend":
      return contendHeldConnections(spec.contend, share);
    default:
      return extraSlotConnections(spec, share, firstOwn);
  }
}

/** Each client's own stream may stay open for as long as others' do. */
function holdsClientStreams(spec: OperationSpec): boolean {
  switch (spec.kind) {
    case "contend":
      // A client that waits for its turn holds a call or a watch until others have had theirs.
      return true;
    case "lease-keepalive":
      return !spec.keepalive.newStream;
    default:
      return false;
  }
}

function noNeed(endpoint: string): StreamNeed {
  return { endpoint, held: 0, atOnce: 0 };
}

function countsOf(connections: readonly number[], length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  for (const connection of connections) counts[connection]! += 1;
  return counts;
}
