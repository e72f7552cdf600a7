/** What is known of members, by their answers to Status, their metrics pages and their flags. */
import { adviseTimeouts, type TimeoutAdvice } from "./advice.ts";
import type { EtcdSettings, Evidence, MemberEvidence } from "./evidence.ts";
import { meanOf, riseOfHistogram, type Span, spanOf } from "./window.ts";

export const ROUND_TRIP = "etcd_network_peer_round_trip_time_seconds";

export function versionOf({ status, last, first }: MemberEvidence): string | null {
  const told = status?.version ?? "";
  return told !== ""
    ? told
    : ((last ?? first)?.label("etcd_server_version", "server_version") ?? null);
}

export function roleOf({
  status,
  last,
  first,
}: MemberEvidence): "leader" | "follower" | "learner" | null {
  const page = last ?? first;
  if (status?.isLearner === true || page?.value("etcd_server_is_learner") === 1) return "learner";
  const isLeader =
    status === null
      ? page?.value("etcd_server_is_leader")
      : Number(status.leaderId === status.memberId);
  if (isLeader === undefined || isLeader === null) return null;
  return isLeader === 1 ? "leader" : "follower";
}

export function dbSizeOf({ status, last, first }: MemberEvidence): number | null {
  return (last ?? first)?.value("etcd_mvcc_db_total_size_in_bytes") ?? status?.dbSizeBytes ?? null;
}

/** Members whose flags are known. */
export function settingsOf({
  members,
}: Evidence): { member: MemberEvidence; settings: EtcdSettings }[] {
  return members.flatMap((member) =>
    member.settings === null ? [] : [{ member, settings: member.settings }],
  );
}

/** Far above what any cluster has: an odd page may name more. */
const MOST_PEERS = 32;

/** Ids of the peers that a member has observed round trips to, in hex. */
export function peersOf({ last }: Span): string[] {
  const ids = last.series(`${ROUND_TRIP}_count`).flatMap(({ labels }) => labels.get("To") ?? []);
  return [...new Set(ids)].slice(0, MOST_PEERS);
}

/** Of the largest mean round trip that a member has seen of a peer in the window. */
export function timeoutAdvice(evidence: Evidence): TimeoutAdvice {
  const timeouts = settingsOf(evidence).map(({ member: { name }, settings }) => {
    const { heartbeatMs, electionMs } = settings;
    return { member: name, heartbeatMs, electionMs };
  });
  const means = evidence.members.flatMap((member) => {
    const span = spanOf(member);
    return span === null ? [] : peersOf(span).flatMap((to) => meanRoundTripMs(span, to) ?? []);
  });
  return adviseTimeouts(timeouts, means.length === 0 ? null : Math.max(...means));
}

function meanRoundTripMs(span: Span, to: string): number | null {
  const rise = riseOfHistogram(span, ROUND_TRIP, { To: to });
  const seconds = rise === null ? null : meanOf(rise);
  return seconds === null ? null : seconds * 1_000;
}
