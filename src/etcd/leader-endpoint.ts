/**
 * Finds the leader's endpoint for `--target-leader`: its named endpoint, else the one that it
 * advertises.
 */

import { unreachableError, usageError } from "../errors.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { ControlClient } from "./control-client.ts";
import type { ListedMember } from "./control-messages.ts";
import type { EndpointAnswer } from "./endpoint-answers.ts";
import { advertisedEndpoints } from "./member-urls.ts";
import { probeEndpoint } from "./probe.ts";

interface LeaderSearch {
  /** In hex. */
  leaderId: string;
  answers: readonly EndpointAnswer[];
  listed: readonly ListedMember[];
  timeoutMs: number;
  tls: TlsMaterial | null;
}

/**
 * @returns `host:port` at which the leader, and no other member, answers
 * @throws BenchError: usage where the members do not tell its address, unreachable where it does
 *   not answer at any
 */
export async function findLeaderEndpoint(
  client: ControlClient,
  { leaderId, answers, listed, timeoutMs, tls }: LeaderSearch,
): Promise<string> {
  const named = answers.find(
    ({ memberIds }) => memberIds.length === 1 && memberIds[0] === leaderId,
  );
  if (named !== undefined) return named.endpoint;

  const leader = listed.find(({ id }) => id === leaderId);
  const who = `--target-leader: the leader ${leader?.name || leaderId}`;
  const fix = "name the leader's own endpoint in --endpoints";
  if (leader === undefined) {
    throw usageError(`${who} is not among the members that --endpoints lists (a proxy?): ${fix}`);
  }
  const advertised = advertisedEndpoints(leader.clientUrls, tls !== null);
  if (advertised.length === 0) {
    const urls = leader.clientUrls.join(", ") || "no client URL";
    const kind = tls === null ? "plain gRPC over TCP" : "gRPC over TLS";
    throw usageError(`${who} advertises ${urls}, and ${kind} is needed: ${fix}`);
  }
  const faults: string[] = [];
  for (const endpoint of advertised) {
    try {
      await probeEndpoint(endpoint, timeoutMs, "it advertises", tls);
      const { memberId } = await client.status(endpoint);
      if (memberId === leaderId) return endpoint;
      faults.push(`it advertises ${endpoint}: member ${memberId} answers there`);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw unreachableError(`${who} cannot be reached (${faults.join("; ")}): ${fix}`);
}
