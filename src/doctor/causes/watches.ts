/** Watches: whether their events reach clients that read them. */
import { formatCount } from "../../tables/number-format.ts";
import type { Evidence, GaugeSeen, MemberEvidence } from "../evidence.ts";
import type { Verdict } from "../finding.ts";
import type { Span } from "../window.ts";
import { meanOf, riseOfHistogram } from "../window.ts";
import { histogramWords, timeWords } from "../words.ts";
import { canaryWatches } from "./canary.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

const MS_PER_SECOND = 1_000;
/** A watcher that lags for a second catches up by itself; one that lags in all readings does not read. */
const LEAST_READINGS = 3;
const MOST_PENDING = 1_000;
const SLOW_SEND_SECONDS = 0.1;

type Seen = { member: MemberEvidence; span: Span };

export function judgeWatches(evidence: Evidence): Findings {
  const ofMembers = spansOf(evidence).flatMap((seen) => [
    ...slowWatchers(seen),
    ...pendingEvents(seen),
    ...sendLoop(seen),
  ]);
  return [...ofMembers, ...canaryWatches(evidence)];
}

/** etcd calls those slow to which it could not send for long. */
function slowWatchers({ member, span }: Seen): Findings {
  const seen = member.gauges.get("etcd_debugging_mvcc_slow_watcher_total");
  const last = span.last.value("etcd_debugging_mvcc_slow_watcher_total");
  const all = span.last.value("etcd_debugging_mvcc_watcher_total");
  // Where etcd has counted one down twice, its gauge says nothing.
  if (last === null || last < 0) return [];
  const { verdict, isSure } = judgeGauge(seen, last, 1);
  const least = seen?.least ?? last;
  return [
    findingOf("watches", {
      ...{ what: "slow watchers", member: member.name, value: last, unit: "count", verdict },
      figure:
        `${formatCount(last)} of ${all === null ? "all" : formatCount(all)} at the end` +
        (seen === undefined ? "" : `, at least ${formatCount(least)} in all readings`),
      ...{ bound: "0 most of the time", source: "etcd: a watcher that it cannot send to" },
      confidence: verdict === "fine" || isSure ? "high" : "low",
      nextCommand: verdict === "fine" ? null : openWatches(member),
    }),
  ];
}

function pendingEvents({ member, span }: Seen): Findings {
  const seen = member.gauges.get("etcd_debugging_mvcc_pending_events_total");
  const last = span.last.value("etcd_debugging_mvcc_pending_events_total");
  if (last === null) return [];
  const { verdict, isSure } = judgeGauge(seen, last, MOST_PENDING);
  return [
    findingOf("watches", {
      ...{ what: "events not sent yet", member: member.name, value: last, unit: "count" },
      figure:
        `${formatCount(last)} at the end` +
        (seen === undefined ? "" : `, ${formatCount(seen.most)} at most`),
      ...{ bound: `< ${formatCount(MOST_PENDING)}`, source: "bound of bench" },
      verdict: verdict === "too slow" ? "suspect" : verdict,
      confidence: verdict === "fine" ? "high" : isSure ? "medium" : "low",
      nextCommand: verdict === "fine" ? null : openWatches(member),
    }),
  ];
}

function judgeGauge(
  seen: GaugeSeen | undefined,
  last: number,
  limit: number,
): { verdict: Verdict; isSure: boolean } {
  const isSure = seen !== undefined && seen.readings >= LEAST_READINGS;
  if (isSure) return { verdict: seen.least >= limit ? "too slow" : "fine", isSure };
  return { verdict: last >= limit ? "suspect" : "fine", isSure };
}

/** From 3.7 on. */
function sendLoop({ member, span }: Seen): Findings {
  const name = "etcd_debugging_server_watch_send_loop_watch_stream_duration_seconds";
  const rise = riseOfHistogram(span, name);
  const mean = rise === null ? null : meanOf(rise);
  if (rise === null || mean === null) return [];
  const isSlow = mean >= SLOW_SEND_SECONDS;
  return [
    findingOf("watches", {
      ...{ what: "sends of events", member: member.name, value: mean * MS_PER_SECOND, unit: "ms" },
      figure: histogramWords(rise, span.seconds),
      ...{ bound: `mean < ${timeWords(SLOW_SEND_SECONDS)}`, source: "bound of bench" },
      verdict: isSlow ? "suspect" : "fine",
      confidence: isSlow ? "medium" : "high",
      nextCommand: isSlow ? openWatches(member) : null,
    }),
  ];
}

/** Connections whose send queue is not read. */
function openWatches({ endpoint }: MemberEvidence): string {
  const port = /:(\d+)$/.exec(endpoint ?? "")?.[1] ?? "2379";
  return `ss -tn state established "( sport = :${port} )" | sort -k2 -n | tail`;
}
