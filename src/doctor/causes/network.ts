/** The network between members: round trips, failed sends, and members that do not keep up. */
import { splitEndpoint } from "../../net/host-port.ts";
import { formatCount, formatRate } from "../../tables/number-format.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import type { Verdict } from "../finding.ts";
import { peersOf, ROUND_TRIP } from "../member-facts.ts";
import { meanOf, quantileRange, riseOf, riseOfHistogram, type Span } from "../window.ts";
import { histogramWords, timeWords } from "../words.ts";
import { canaryNetwork, longestWayMs, roundTripsOfClient } from "./canary.ts";
import { type Findings, findingOf, spansOf, waitPerSliceSeconds, withWhy } from "./judged.ts";

const MS_PER_SECOND = 1_000;
const LIMIT_SECONDS = 0.05;
const LIMIT_MS = LIMIT_SECONDS * MS_PER_SECOND;
const ALERT_SECONDS = 0.15;
const MOST_FAILURES_PER_SECOND = 0.01;
/** Of a name, on an odd page. */
const MOST_SERIES = 64;
/** A round trip wakes so many threads of both members. */
const WAITS_OF_A_ROUND_TRIP = 6;
/** Entries; etcd itself refuses writes at so many that are not applied. */
const MOST_ENTRIES_AFTER = 5_000;

export function judgeNetwork(evidence: Evidence): Findings {
  const seen = spansOf(evidence);
  return [
    ...seen.flatMap((each) => roundTrips(each, evidence)),
    ...seen.flatMap((each) => failures(each, evidence)),
    ...seen.flatMap((each) => connections(each, evidence)),
    ...seen.flatMap(snapshots),
    ...catchUp(evidence),
    ...canaryNetwork(evidence),
    ...roundTripsOfClient(evidence),
  ];
}

type Seen = { member: MemberEvidence; span: Span };

/** etcd observes a smoothed round trip every 30 s, of each of two connections to a peer. */
function roundTrips({ member, span }: Seen, evidence: Evidence): Findings {
  const isRefuted = (longestWayMs(evidence) ?? LIMIT_MS) < LIMIT_MS / 2;
  return peersOf(span).flatMap((to) => {
    const rise = riseOfHistogram(span, ROUND_TRIP, { To: to });
    if (rise === null) return [];
    const peer = nameOf(to, evidence);
    const about = {
      ...{ what: `round trip to ${peer}`, member: member.name },
      ...{ bound: `p99 < ${timeWords(LIMIT_SECONDS)}`, source: "OpenShift; etcd mixin: 150 ms" },
    };
    const mean = meanOf(rise);
    const range = quantileRange(rise, 0.99);
    if (mean === null || range === null) {
      const figure = "etcd observed none in the window: it does so every 30 s";
      return [findingOf("network", { ...about, figure, verdict: "not known", confidence: "low" })];
    }
    const { verdict, why } = judgeRoundTrip(mean, range.above, member, isRefuted);
    const isWindow = span.seconds !== null;
    return [
      findingOf("network", {
        ...{ ...about, verdict: isWindow || verdict === "fine" ? verdict : "suspect" },
        figure: withWhy(histogramWords(rise, span.seconds), why),
        ...{ value: mean * MS_PER_SECOND, unit: "ms" },
        confidence: !isWindow || why !== "" ? "low" : mean >= ALERT_SECONDS ? "high" : "medium",
        nextCommand: verdict === "fine" ? null : `ping -c 20 ${hostOf(to, evidence)}`,
      }),
    ];
  });
}

/** @param isRefuted reads of the canary went between the members in less than half of the limit */
function judgeRoundTrip(
  mean: number,
  p99Above: number,
  member: MemberEvidence,
  isRefuted: boolean,
): { verdict: Verdict; why: string } {
  const isSlow = mean >= LIMIT_SECONDS || p99Above >= LIMIT_SECONDS;
  if (!isSlow) return { verdict: "fine", why: "" };
  const waited = waitPerSliceSeconds(member) ?? 0;
  if (waited * WAITS_OF_A_ROUND_TRIP >= mean / 2) {
    return { verdict: "suspect", why: "waits for a CPU may explain it" };
  }
  if (isRefuted) return { verdict: "suspect", why: "reads of the probe went the way faster" };
  return { verdict: mean < LIMIT_SECONDS ? "suspect" : "too slow", why: "" };
}

function nameOf(id: string, { members }: Evidence): string {
  return members.find((member) => member.id === id)?.name ?? id;
}

function hostOf(id: string, { members }: Evidence): string {
  const endpoint = members.find((member) => member.id === id)?.endpoint ?? null;
  return endpoint === null ? "PEER" : splitEndpoint(endpoint).host;
}

/** Sends to a member that is down fail too: that it does not answer is then the finding. */
function failures({ member, span }: Seen, { members }: Evidence): Findings {
  const { seconds } = span;
  if (seconds === null || seconds <= 0) return [];
  const down = members.filter(({ status, last }) => status === null && last === null);
  const silent = new Set(down.flatMap(({ id }) => id ?? []));
  const names = [
    ["etcd_network_peer_sent_failures_total", "failed sends to peers", "To"],
    ["etcd_server_heartbeat_send_failures_total", "heartbeats sent late", null],
  ] as const;
  return names.flatMap(([name, what, label]) => {
    const all = span.last.series(name).slice(0, MOST_SERIES);
    const counted = all.filter(
      ({ labels }) => label === null || !silent.has(labels.get(label) ?? ""),
    );
    if (all.length > 0 && counted.length === 0) return [];
    const rises = counted.map(({ labels }) => riseOf(span, name, Object.fromEntries(labels)) ?? 0);
    const rise = rises.reduce((sum, each) => sum + each, 0);
    const perSecond = rise / seconds;
    const isMany = perSecond > MOST_FAILURES_PER_SECOND && rise >= 2;
    return [
      findingOf("network", {
        ...{ what, member: member.name, value: perSecond, unit: "per second" },
        figure: `${formatCount(rise)}, ${formatRate(perSecond)} a second`,
        ...{ bound: `< ${MOST_FAILURES_PER_SECOND} a second`, source: "etcd mixin" },
        verdict: isMany ? "suspect" : "fine",
        // A leader that is slow for another reason sends late too.
        ...{ confidence: isMany ? "low" : "high", isSymptom: true },
        nextCommand: isMany ? `ss -ti state established` : null,
      }),
    ];
  });
}

/** A member holds streams to all others. */
function connections({ member, span }: Seen, { members, client }: Evidence): Findings {
  const active = span.last.value("etcd_network_active_peers");
  // Files may be of some members alone.
  if (active === null || client === null) return [];
  const others = members.length - 1;
  const isLess = active < others;
  return [
    findingOf("network", {
      ...{ what: "connected peers", member: member.name, value: active, unit: "count" },
      ...{ figure: `${formatCount(active)} of ${formatCount(others)}`, bound: "all of them" },
      ...{ source: "etcd", verdict: isLess ? "suspect" : "fine" },
      ...{ confidence: isLess ? "medium" : "high", isSymptom: true },
      nextCommand: isLess ? "ss -tn state established" : null,
    }),
  ];
}

/** A follower that is too far behind for the log gets the whole database. */
function snapshots({ member, span }: Seen): Findings {
  const names = ["etcd_network_snapshot_send_success", "etcd_network_snapshot_send_failures"];
  const rises = names.map((name) => riseOf(span, name));
  if (span.seconds === null || rises.every((rise) => rise === null)) return [];
  const [sent, failed] = rises.map((rise) => rise ?? 0);
  const isMany = sent! + failed! > 0;
  return [
    findingOf("network", {
      ...{ what: "snapshots sent to peers", member: member.name, value: sent!, unit: "count" },
      figure: `${formatCount(sent!)}, ${formatCount(failed!)} failed`,
      ...{ bound: "0, but after a start", source: "etcd", verdict: isMany ? "suspect" : "fine" },
      ...{ confidence: isMany ? "low" : "high", isSymptom: true },
      nextCommand: isMany ? 'journalctl -u etcd | grep -i "snapshot"' : null,
    }),
  ];
}

/** Of entries that the cluster has committed, how many a member has not. */
function catchUp({ members }: Evidence): Findings {
  const known = members.flatMap((member) => {
    const { last, first, status } = member;
    const committed = (page: typeof last) =>
      page?.value("etcd_server_proposals_committed_total") ?? null;
    const end = committed(last) ?? status?.raftIndex ?? null;
    const start = committed(first);
    return end === null || start === null ? [] : [{ member, start, end }];
  });
  if (known.length < 2) return [];
  const most = (at: "start" | "end") => Math.max(...known.map((each) => each[at]));
  return known.map(({ member, start, end }) => {
    const [before, after] = [most("start") - start, most("end") - end];
    const isBehind = after > MOST_ENTRIES_AFTER && before > MOST_ENTRIES_AFTER;
    const bound = `< ${formatCount(MOST_ENTRIES_AFTER)}`;
    return findingOf("network", {
      ...{ what: "entries not replicated yet", member: member.name, value: after, unit: "count" },
      figure: `${formatCount(after)} at the end, ${formatCount(before)} at the beginning`,
      ...{ bound, source: "etcd's own limit for applies" },
      verdict: isBehind ? (after >= before ? "too slow" : "suspect") : "fine",
      ...{ confidence: isBehind ? "medium" : "high", isSymptom: true },
      nextCommand: isBehind
        ? `etcdctl endpoint status --cluster -w table --endpoints=${member.endpoint ?? "MEMBER"}`
        : null,
    });
  });
}
