/** What the probes' own requests to each member tell of requests, leases, watches and the network. */
import { splitEndpoint } from "../../net/host-port.ts";
import { formatCount } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import type { Evidence } from "../evidence.ts";
import type { Cause, Confidence, Finding } from "../finding.ts";
import type { CanaryKind } from "../probes/canary-member.ts";
import type { ProbeLatency } from "../probes/probe-latency.ts";
import { meanOf, riseOfHistogram } from "../window.ts";
import { timeWords } from "../words.ts";
import { type Findings, findingOf, isClientBusy, spansOf } from "./judged.ts";

const MS_PER_SECOND = 1_000;
/** Of the median. */
const SLOW_REQUEST_MS = 100;
/** Of a linearizable read over a serializable one, which asks no other member. */
const SLOW_PEERS_MS = 50;
/** A read may come while the leader syncs, and wait for the next sync too. */
const SYNCS_OF_A_READ = 3;
const SLOW_CLIENT_MS = 50;
const LEAST_SAMPLES = 10;
/** Of which the fastest is held against the bound: that all are slow by accident takes no more. */
const LEAST_READS = 5;
/** A status that came from elsewhere: what was late may have been so in a busy client. */
const REFUSAL = /^(?!DEADLINE_EXCEEDED\b)[A-Z_]+(: |$)/;

/** `p50 1.2 ms, p99 4 ms, 300 requests, 2 failed`. */
export function probeWords({ count, failed, p50Ms, p99Ms, maxMs, faults }: ProbeLatency): string {
  const time = (name: string, ms: number | null) =>
    ms === null ? [] : [`${name} ${timeWords(ms / MS_PER_SECOND)}`];
  return [
    ...time("p50", p50Ms),
    ...(p99Ms === null ? time("max", maxMs) : time("p99", p99Ms)),
    `${formatCount(count)} answered`,
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed: ${faults.join("; ")}`]),
  ].join(", ");
}

const REQUESTS: readonly (readonly [CanaryKind, string])[] = [
  ["write", "own puts"],
  ["linearizableRead", "own linearizable reads"],
  ["serializableRead", "own serializable reads"],
];

export function canaryRequests({ probes: { canary }, client }: Evidence): Findings {
  if (canary === null) return [];
  if (canary.fault !== null) {
    const about = { what: "own requests", figure: canary.fault };
    // That etcd denies them to this user is no fault of etcd's; that they do not get there is one.
    if (canary.isOfGateway !== true)
      return [findingOf("requests", { ...about, verdict: "not known" })];
    const bound = "the gateway before etcd passes them on";
    return [findingOf("requests", { ...about, bound, verdict: "suspect", source: "probe" })];
  }
  return canary.members.flatMap(({ member, latency }) =>
    latency === null
      ? []
      : REQUESTS.map(([kind, what]) =>
          request("requests", what, { member, latency: latency[kind], client }),
        ),
  );
}

export function canaryLeases({ probes: { canary }, client }: Evidence): Findings {
  return (canary?.members ?? []).flatMap(({ member, latency }) =>
    latency === null
      ? []
      : [request("leases", "own keep-alives", { member, latency: latency.keepAlive, client })],
  );
}

export function canaryWatches({ probes: { canary }, client }: Evidence): Findings {
  return (canary?.members ?? []).flatMap(({ member, latency }) => {
    if (latency === null) return [];
    const { watchEvent, write } = latency;
    const seen = request("watches", "own watch, from put to event", {
      ...{ member, latency: watchEvent, client },
    });
    // A put that is slow itself makes its event late.
    const isOfPuts = (watchEvent.p50Ms ?? 0) - (write.p50Ms ?? 0) < SLOW_REQUEST_MS;
    return [isOfPuts && watchEvent.failed === 0 ? { ...seen, verdict: calm(seen) } : seen];
  });
}

function calm({ verdict }: Finding): Finding["verdict"] {
  return verdict === "not known" ? verdict : "fine";
}

interface Measured extends Pick<Evidence, "client"> {
  member: string;
  latency: ProbeLatency;
}

function request(cause: Cause, what: string, { member, latency, client }: Measured): Finding {
  const { count, failed, faults, p50Ms } = latency;
  const isKnown = count + failed >= LEAST_SAMPLES;
  const isSlow = p50Ms !== null && p50Ms >= SLOW_REQUEST_MS;
  const hasFailed = failed > 1 && failed > 0.01 * count;
  const isBad = isKnown && (isSlow || hasFailed);
  const isRefused = hasFailed && faults.some((fault) => REFUSAL.test(fault));
  return findingOf(cause, {
    ...{ what, member, figure: probeWords(latency), value: p50Ms, unit: "ms" },
    ...{ bound: `p50 < ${SLOW_REQUEST_MS} ms, none fails`, source: "probe, bound of bench" },
    verdict: isBad ? "suspect" : isKnown ? "fine" : "not known",
    // It shows that etcd is slow, and not why.
    confidence: isBad ? (isRefused ? "medium" : doubtful(client)) : isKnown ? "high" : "low",
    isSymptom: true,
    nextCommand: isBad ? "etcdctl check perf --endpoints=MEMBER" : null,
  });
}

/** What a busy client measures may be its own lateness. */
function doubtful(client: Evidence["client"]): Confidence {
  return isClientBusy(client) ? "low" : "medium";
}

/**
 * A linearizable read asks the leader, and the leader a majority, before it is answered: what that adds
 * to a serializable one is the way there and back. The fastest of each has waited for no CPU.
 */
export function canaryNetwork(evidence: Evidence): Findings {
  const syncMs = longestSyncMs(evidence);
  return ways(evidence).map(({ member, ms, reads }) => {
    const isSlow = ms >= SLOW_PEERS_MS && reads >= LEAST_READS;
    // A leader answers no requests while it syncs its log.
    const isOfDisk = syncMs >= ms / SYNCS_OF_A_READ;
    return findingOf("network", {
      ...{ what: "way to the leader and its quorum", member, value: ms, unit: "ms" },
      figure: `a linearizable read takes at least ${timeWords(ms / MS_PER_SECOND)} longer than a serializable one, ${formatNoun(reads, "read")}`,
      ...{ bound: `< ${SLOW_PEERS_MS} ms`, source: "probe; OpenShift for round trips" },
      verdict: !isSlow ? "fine" : isOfDisk ? "suspect" : "too slow",
      confidence: isSlow && (isOfDisk || reads < LEAST_SAMPLES) ? "medium" : "high",
      isSymptom: isOfDisk,
      nextCommand: isSlow ? "ping -c 20 PEER" : null,
    });
  });
}

/** Of the member that is the furthest from the leader; null: too few reads tell. */
export function longestWayMs(evidence: Evidence): number | null {
  const known = ways(evidence).filter(({ reads }) => reads >= LEAST_SAMPLES);
  const isWhole = known.length === evidence.members.length && known.length > 0;
  return isWhole ? Math.max(...known.map(({ ms }) => ms)) : null;
}

function ways({ probes: { canary } }: Evidence): { member: string; ms: number; reads: number }[] {
  return (canary?.members ?? []).flatMap(({ member, latency }) => {
    const { linearizableRead: far, serializableRead: near } = latency ?? {};
    const [farMs, nearMs] = [far?.minMs ?? null, near?.minMs ?? null];
    if (far === undefined || farMs === null || nearMs === null) return [];
    return [{ member, ms: Math.max(0, farMs - nearMs), reads: far.count }];
  });
}

/** The longest mean of a member's fsync; 0 where nothing was synced. */
function longestSyncMs(evidence: Evidence): number {
  const means = spansOf(evidence).map(({ span }) => {
    const rise = riseOfHistogram(span, "etcd_disk_wal_fsync_duration_seconds");
    return (rise === null ? null : meanOf(rise)) ?? 0;
  });
  return MS_PER_SECOND * Math.max(0, ...means);
}

/** Status asks no other member, and no disk. */
export function roundTripsOfClient({ probes: { roundTrips }, client }: Evidence): Findings {
  return roundTrips.map(({ member, endpoint, status, fault }) => {
    const about = { what: "way from this client", member };
    if (status === null) {
      const figure = fault ?? "no connection";
      return findingOf("network", { ...about, figure, verdict: "not known" });
    }
    const isFar = status.p50Ms !== null && status.p50Ms >= SLOW_CLIENT_MS;
    return findingOf("network", {
      ...{ ...about, figure: probeWords(status), value: status.p50Ms, unit: "ms" },
      ...{ bound: `p50 < ${SLOW_CLIENT_MS} ms`, source: "probe, bound of bench" },
      verdict: isFar ? "suspect" : status.p50Ms === null ? "not known" : "fine",
      // A member without a CPU answers as late as one that is far.
      ...{ confidence: isFar ? doubtful(client) : "high", isSymptom: true },
      nextCommand: isFar ? `ping -c 20 ${splitEndpoint(endpoint).host}` : null,
    });
  });
}
