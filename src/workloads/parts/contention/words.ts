/** Words and sizes that lock and election share. */

import { formatDuration } from "../../../tables/number-format.ts";
import type { AgentsOfLoad } from "../../definition.ts";
import { CONTENTION_KEY_TAIL_BYTES, ELECTION_VALUE_BYTES } from "./layout.ts";

export function contentionTerms(plan: { holdMs: number; ttlSeconds: number }): string[] {
  const { holdMs, ttlSeconds } = plan;
  const held = holdMs > 0 ? `held for ${formatDuration(holdMs)}` : "given back at once";
  return [held, `sessions of TTL ${ttlSeconds} s`];
}

/**
 * Clients that contend for one name share memory that says who has it and since when. Revisions say whom etcd takes
 * for the owner, not who believes to be it, and a hand-over is shorter than what the clocks of agents are known to. Both dealings are by remainders,
 * so where agents divide both names and connections, all clients of a name are on one agent.
 */
export function againstAgents(
  word: "lock" | "election",
  names: number,
  { agents, connections }: AgentsOfLoad,
): string | null {
  if (names % agents === 0 && connections % agents === 0) return null;
  return (
    `two owners at once, and the time from a release to the next owner, can be seen by one clock alone, so all clients of one ${word} have to be on one agent; ` +
    `give a multiple of ${agents} for both --${word}s and --conns, e.g. --${word}s=${agents} --conns=${agents}`
  );
}

/** Of the keys that contending clients put. */
export function contentionSizes(prefix: string) {
  const keySizeBytes = Buffer.byteLength(prefix) + CONTENTION_KEY_TAIL_BYTES;
  return { keySizeBytes, valSizeBytes: ELECTION_VALUE_BYTES, valueSize: null };
}
