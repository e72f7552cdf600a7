/** What the probes' own requests to each member tell of requests, leases, watches and the network. */
import { splitEndpoint } from "../../net/host-port.ts";
import { formatCount } from "../../tables/number-format.ts";
import type { Evidence } from "../evidence.ts";
import type { Cause, Finding } from "../finding.ts";
import type { CanaryKind } from "../probes/canary-member.ts";
import type { ProbeLatency } from "../probes/probe-latency.ts";
import { timeWords } from "../words.ts";
import { type Findings, findingOf } from "./judged.ts";

const MS_PER_SECOND = 1_000;
/** Of the median. */
const SLOW_REQUEST_MS = 100;
/** Of a linearizable read over a serializable one, which asks no other member. */
const SLOW_PEERS_MS = 50;
/** A member that is slow by itself is slow at both kinds of reads. */
const PEERS_OVER_OWN = 5;
const SLOW_CLIENT_MS = 50;
const LEAST_SAMPLES = 10;

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

export function canaryRequests({ probes: { canary } }: Evidence): Findings {
  if (canary === null) return [];
  if (canary.fault !== null) {
    const figure = canary.fault;
    return [findingOf("requests", { what: "own requests", figure, verdict: "not known" })];
  }
  return canary.members.flatMap(({ member, latency }) =>
    latency === null
      ? []
      : REQUESTS.map(([kind, what]) => request("requests", what, member, latency[kind])),
  );
}

export function canaryLeases({ probes: { canary } }: Evidence): Findings {
  return (canary?.members ?? []).flatMap(({ member, latency }) =>
    latency === null ? [] : [request("leases", "own keep-alives", member, latency.keepAlive)],
  );
}

export function canaryWatches({ probes: { canary } }: Evidence): Findings {
  return (canary?.members ?? []).flatMap(({ member, latency }) => {
    if (latency === null) return [];
    const { watchEvent, write } = latency;
    const seen = request("watches", "own watch, from put to event", member, watchEvent);
    // A put that is slow itself makes its event late.
    const isOfPuts = (watchEvent.p50Ms ?? 0) - (write.p50Ms ?? 0) < SLOW_REQUEST_MS;
    return [isOfPuts && watchEvent.failed === 0 ? { ...seen, verdict: calm(seen) } : seen];
  });
}

function calm({ verdict }: Finding): Finding["verdict"] {
  return verdict === "not known" ? verdict : "fine";
}

function request(cause: Cause, what: string, member: string, latency: ProbeLatency): Finding {
  const { count, failed, p50Ms } = latency;
  const isKnown = count + failed >= LEAST_SAMPLES;
  const isSlow = p50Ms !== null && p50Ms >= SLOW_REQUEST_MS;
  const hasFailed = failed > 1 && failed > 0.01 * count;
  const isBad = isKnown && (isSlow || hasFailed);
  return findingOf(cause, {
    ...{ what, member, figure: probeWords(latency), value: p50Ms, unit: "ms" },
    ...{ bound: `p50 < ${SLOW_REQUEST_MS} ms, none fails`, source: "probe, bound of bench" },
    verdict: isBad ? "suspect" : isKnown ? "fine" : "not known",
    // It shows that etcd is slow, and not why.
    ...{ confidence: isBad ? "medium" : isKnown ? "high" : "low", isSymptom: true },
    nextCommand: isBad ? "etcdctl check perf" : null,
  });
}

/** A follower asks the leader before it answers a linearizable read: what that adds is the way there. */
export function canaryNetwork({ probes: { canary } }: Evidence): Findings {
  return (canary?.members ?? []).flatMap(({ member, latency }) => {
    const linearizable = latency?.linearizableRead.p50Ms ?? null;
    const serializable = latency?.serializableRead.p50Ms ?? null;
    if (latency === null || linearizable === null || serializable === null) return [];
    const ms = Math.max(0, linearizable - serializable);
    const isSlow =
      ms >= SLOW_PEERS_MS &&
      ms >= PEERS_OVER_OWN * serializable &&
      latency.linearizableRead.count >= LEAST_SAMPLES;
    return [
      findingOf("network", {
        ...{ what: "way to the leader and its quorum", member, value: ms, unit: "ms" },
        figure: `a linearizable read takes ${timeWords(ms / MS_PER_SECOND)} longer than a serializable one`,
        ...{ bound: `< ${SLOW_PEERS_MS} ms`, source: "probe; OpenShift for round trips" },
        verdict: isSlow ? "suspect" : "fine",
        // A leader that is slow makes it as long.
        ...{ confidence: isSlow ? "medium" : "high", isSymptom: true },
        nextCommand: isSlow ? "ping -c 20 PEER" : null,
      }),
    ];
  });
}

/** Status asks no other member, and no disk. */
export function roundTripsOfClient({ probes: { roundTrips } }: Evidence): Findings {
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
      ...{ confidence: isFar ? "medium" : "high", isSymptom: true },
      nextCommand: isFar ? `ping -c 20 ${splitEndpoint(endpoint).host}` : null,
    });
  });
}
