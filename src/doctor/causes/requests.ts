/** What clients ask for: more than is applied, or requests that are large. */
import { formatBytes, formatCount, formatPercent } from "../../tables/number-format.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import type { Confidence, Verdict } from "../finding.ts";
import { meanOf, riseOf, riseOfHistogram, type Span } from "../window.ts";
import { histogramWords, timeWords } from "../words.ts";
import { canaryRequests } from "./canary.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

const MS_PER_SECOND = 1_000;
/** etcd refuses writes where so many entries are committed and not applied. */
const MOST_UNAPPLIED = 5_000;
const SUSPECT_UNAPPLIED = 1_000;
const MOST_PENDING = 100;
const MOST_FAILED = 5;
const SLOW_SHARE = 0.01;
const LEAST_SLOW = 3;
/** Of one answer, on average; Kubernetes lists by pages of some 500 kB. */
const LARGE_ANSWER_BYTES = 1_000_000;
const LARGE_REQUEST_BYTES = 500_000;
const LEAST_LARGE = 5;
/** From here on, answers of that size keep a member busy. */
const LARGE_BYTES_PER_SECOND = 20e6;
const SLOW_RANGE_SECONDS = 0.1;

type Seen = { member: MemberEvidence; span: Span };

export function judgeRequests(evidence: Evidence): Findings {
  const ofMembers = spansOf(evidence).flatMap((seen) => [
    ...backlog(seen),
    ...pending(seen),
    ...counted(seen),
    ...slowApplies(seen),
    ...sizes(seen, evidence.probes),
    ...ranges(seen),
    ...handled(seen),
  ]);
  return [...ofMembers, ...canaryRequests(evidence)];
}

/** Both are on one page, so that they are of one time. */
function backlog({ member, span }: Seen): Findings {
  const committed = span.last.value("etcd_server_proposals_committed_total");
  const applied = span.last.value("etcd_server_proposals_applied_total");
  if (committed === null || applied === null) return [];
  const gap = Math.max(0, committed - applied);
  const verdict: Verdict =
    gap >= MOST_UNAPPLIED ? "too slow" : gap >= SUSPECT_UNAPPLIED ? "suspect" : "fine";
  return [
    findingOf("requests", {
      ...{ what: "committed and not applied", member: member.name, verdict },
      ...{ figure: `${formatCount(gap)} entries`, value: gap, unit: "count" },
      ...{ bound: `< ${formatCount(SUSPECT_UNAPPLIED)}`, source: "etcd refuses writes at 5,000" },
      ...{ confidence: verdict === "fine" ? "high" : "medium", isSymptom: true },
      nextCommand: verdict === "fine" ? null : logOf("apply request took too long"),
    }),
  ];
}

function pending({ member }: Seen): Findings {
  const seen = member.gauges.get("etcd_server_proposals_pending");
  if (seen === undefined) return [];
  const { mean, most, readings } = seen;
  const isMany = mean >= MOST_PENDING;
  return [
    findingOf("requests", {
      ...{ what: "writes that wait for a commit", member: member.name },
      figure: `${formatCount(mean)} on average, ${formatCount(most)} at most, ${readings} readings`,
      ...{
        value: mean,
        unit: "count",
        bound: `< ${MOST_PENDING} on average`,
        source: "bound of bench",
      },
      verdict: isMany ? "suspect" : "fine",
      // A slow disk, network or CPU makes writes wait as well.
      ...{ confidence: isMany ? "low" : "high", isSymptom: true },
      nextCommand: isMany ? logOf("slow fdatasync\\|took too long") : null,
    }),
  ];
}

/** Counters that stay where they are in a cluster that keeps up. */
function counted({ member, span }: Seen): Findings {
  const names = [
    ["etcd_server_proposals_failed_total", "failed writes", MOST_FAILED, "etcd mixin: 5 in 15 min"],
    ["etcd_server_slow_read_indexes_total", "slow linearizable reads", 1, "above 0 under load"],
    ["etcd_server_read_indexes_failed_total", "failed linearizable reads", 1, "above 0 under load"],
  ] as const;
  return names.flatMap(([name, what, least, source]) => {
    const rise = riseOf(span, name);
    if (rise === null || span.seconds === null) return [];
    const isMany = rise >= least;
    return [
      findingOf("requests", {
        ...{ what, member: member.name, figure: formatCount(rise), value: rise, unit: "count" },
        ...{ bound: `< ${least}`, source, verdict: isMany ? "suspect" : "fine" },
        ...{ confidence: isMany ? "low" : "high", isSymptom: true },
        nextCommand: isMany ? logOf("took too long") : null,
      }),
    ];
  });
}

function slowApplies({ member, span }: Seen): Findings {
  const slow = riseOf(span, "etcd_server_slow_apply_total");
  const applied = riseOf(span, "etcd_server_proposals_applied_total");
  if (slow === null || applied === null || span.seconds === null) return [];
  const share = applied > 0 ? slow / applied : 0;
  const isMany = slow >= LEAST_SLOW && share >= SLOW_SHARE;
  const times = riseOfHistogram(span, "etcd_server_apply_duration_seconds");
  const mean = times === null ? null : meanOf(times);
  return [
    findingOf("requests", {
      ...{ what: "applies above 100 ms", member: member.name, value: slow, unit: "count" },
      figure:
        `${formatCount(slow)} of ${formatCount(applied)} applied` +
        (mean === null ? "" : `, mean ${timeWords(mean)}`),
      ...{ bound: `< ${formatPercent(SLOW_SHARE * 100)}`, source: "etcd FAQ: 50 ms is usual" },
      verdict: isMany ? "suspect" : "fine",
      ...{ confidence: isMany ? "medium" : "high", isSymptom: true },
      nextCommand: isMany ? logOf("apply request took too long") : null,
    }),
  ];
}

/** Bytes over the answers that etcd sent, a watch's among them, without the many small ones of the probes. */
function sizes({ member, span }: Seen, probes: Evidence["probes"]): Findings {
  const sent = riseOf(span, "etcd_network_client_grpc_sent_bytes_total");
  const answers = riseOf(span, "grpc_server_msg_sent_total");
  const received = riseOf(span, "etcd_network_client_grpc_received_bytes_total");
  const asked = riseOf(span, "grpc_server_msg_received_total");
  const others = (answers ?? 0) - ownAnswers(member.name, probes);
  const counted = others >= LEAST_LARGE ? others : answers;
  return [
    ...size("answers", { member, span }, sent, counted, LARGE_ANSWER_BYTES),
    ...size("requests", { member, span }, received, asked, LARGE_REQUEST_BYTES),
  ];
}

/** What the member has sent to the probes. */
function ownAnswers(name: string, { canary, roundTrips }: Evidence["probes"]): number {
  const latency = canary?.members.find(({ member }) => member === name)?.latency ?? null;
  const status = roundTrips.find(({ member }) => member === name)?.status ?? null;
  const own = [...Object.values(latency ?? {}), ...(status === null ? [] : [status])];
  return own.reduce((sum, { count }) => sum + count, 0);
}

function size(
  what: "answers" | "requests",
  { member, span }: Seen,
  bytes: number | null,
  messages: number | null,
  largeBytes: number,
): Findings {
  const { seconds } = span;
  if (bytes === null || messages === null || messages === 0) return [];
  const mean = bytes / messages;
  const perSecond = seconds === null || seconds <= 0 ? null : bytes / seconds;
  const isLarge = mean >= largeBytes && messages >= LEAST_LARGE;
  const isMuch = perSecond !== null && perSecond >= LARGE_BYTES_PER_SECOND;
  const [verdict, confidence]: [Verdict, Confidence] =
    isLarge && isMuch
      ? ["too slow", "high"]
      : isLarge || isMuch
        ? ["suspect", seconds === null ? "low" : "medium"]
        : ["fine", "high"];
  return [
    findingOf("requests", {
      ...{ what: `size of ${what}`, member: member.name, verdict, confidence },
      figure:
        `${formatBytes(mean)} on average, ${formatCount(messages)} of them` +
        (perSecond === null ? "" : `, ${formatBytes(perSecond)} a second`),
      ...{ value: mean, unit: "bytes" },
      bound: `< ${formatBytes(largeBytes)} on average, < ${formatBytes(LARGE_BYTES_PER_SECOND)} a second`,
      source: what === "requests" ? "etcd's limit is 1.5 MiB" : "bound of bench",
      nextCommand: verdict === "fine" ? null : logOf("read-only range request"),
    }),
  ];
}

/** From 3.6 on, by etcd itself; with --metrics=extensive by gRPC, sending included. */
function ranges({ member, span }: Seen): Findings {
  const own = riseOfHistogram(span, "etcd_server_range_duration_seconds");
  const rise =
    own ?? riseOfHistogram(span, "grpc_server_handling_seconds", { grpc_method: "Range" });
  const mean = rise === null ? null : meanOf(rise);
  if (rise === null || mean === null) return [];
  const isSlow = mean >= SLOW_RANGE_SECONDS && rise.total >= LEAST_LARGE;
  return [
    findingOf("requests", {
      ...{ what: "reads", member: member.name, figure: histogramWords(rise, span.seconds) },
      ...{ value: mean * MS_PER_SECOND, unit: "ms" },
      ...{ bound: `mean < ${timeWords(SLOW_RANGE_SECONDS)}`, source: "etcd warns at 100 ms" },
      verdict: isSlow ? "suspect" : "fine",
      ...{ confidence: isSlow ? "medium" : "high", isSymptom: true },
      nextCommand: isSlow ? logOf("read-only range request") : null,
    }),
  ];
}

/** Of all kinds, by etcd's own clock; from 3.7 on. */
function handled({ member, span }: Seen): Findings {
  const rise = riseOfHistogram(span, "etcd_server_request_duration_seconds");
  const mean = rise === null ? null : meanOf(rise);
  if (rise === null || mean === null) return [];
  const isSlow = mean >= SLOW_RANGE_SECONDS && rise.total >= LEAST_LARGE;
  return [
    findingOf("requests", {
      ...{ what: "requests", member: member.name, figure: histogramWords(rise, span.seconds) },
      ...{ value: mean * MS_PER_SECOND, unit: "ms" },
      ...{ bound: `mean < ${timeWords(SLOW_RANGE_SECONDS)}`, source: "etcd warns at 100 ms" },
      verdict: isSlow ? "suspect" : "fine",
      ...{ confidence: isSlow ? "medium" : "high", isSymptom: true },
      nextCommand: isSlow ? logOf("took too long") : null,
    }),
  ];
}

function logOf(words: string): string {
  return `journalctl -u etcd --since -10min | grep "${words}"`;
}
