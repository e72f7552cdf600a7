/** The database: its room, its free pages, its history, and what it costs in memory. */
import { formatBytes, formatCount, formatPercent } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { DEFAULT_QUOTA_BYTES } from "../advice.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import type { Verdict } from "../finding.ts";
import { meanOf, riseOf, riseOfHistogram, type Span } from "../window.ts";
import { timeWords } from "../words.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

/** Of the quota. */
const SUSPECT_SIZE = 0.65;
const TOO_LARGE_SIZE = 0.85;
/** Below this share in use, a file of at least this size is fragmented. */
const LEAST_IN_USE = 0.5;
const LEAST_FRAGMENTED_BYTES = 100e6;
/** Revisions that are kept; Kubernetes compacts every 5 minutes. */
const LONG_HISTORY = 1_000_000;
const REVISIONS_PER_KEY = 5;
const LEAST_BLOCKING_SECONDS = 0.1;
const OPEN_READS = 1_000;
const CURRENT_REVISION = "etcd_debugging_mvcc_current_revision";

type Seen = { member: MemberEvidence; span: Span };

export function judgeDatabase(evidence: Evidence): Findings {
  return [
    ...evidence.members.flatMap(alarms),
    ...spansOf(evidence).flatMap((seen) => [
      ...room(seen),
      ...fragmentation(seen),
      ...history(seen),
      ...blocking(seen),
      ...memory(seen),
      ...openReads(seen),
    ]),
  ];
}

function alarms({ name, status, endpoint }: MemberEvidence): Findings {
  const raised = (status?.errors ?? []).filter((each) => /nospace|no space/i.test(each));
  return raised.map((alarm) =>
    findingOf("database", {
      ...{ what: "alarm", member: name, figure: alarm, bound: "none", source: "etcd" },
      ...{ verdict: "too slow", confidence: "high" },
      nextCommand: `etcdctl alarm list --endpoints=${endpoint ?? "MEMBER"}`,
    }),
  );
}

/** At its quota etcd takes no write, free pages or not. */
function room({ member, span }: Seen): Findings {
  const size = span.last.value("etcd_mvcc_db_total_size_in_bytes");
  if (size === null) return [];
  const told = span.last.value("etcd_server_quota_backend_bytes");
  const quota = told ?? member.status?.dbSizeQuotaBytes ?? member.settings?.quotaBytes ?? null;
  const about = { what: "size over the quota", member: member.name };
  // A negative quota is none.
  if (quota !== null && quota < 0) {
    const figure = `${formatBytes(size)}, without a quota`;
    return [findingOf("database", { ...about, figure, confidence: "high" })];
  }
  const bytes = quota === null || quota === 0 ? DEFAULT_QUOTA_BYTES : quota;
  const share = size / bytes;
  const verdict: Verdict =
    share >= TOO_LARGE_SIZE ? "too slow" : share >= SUSPECT_SIZE ? "suspect" : "fine";
  return [
    findingOf("database", {
      ...{ ...about, verdict, value: share, unit: "share" },
      figure: `${formatPercent(share * 100)}, ${formatBytes(size)} of ${formatBytes(bytes)}`,
      ...{ bound: "< 65%, at most 85%", source: "OpenShift; etcd mixin: 95%" },
      confidence: quota === null ? "low" : "high",
      nextCommand:
        verdict === "fine"
          ? null
          : `etcdctl endpoint status --cluster -w table --endpoints=${member.endpoint ?? "MEMBER"}`,
    }),
  ];
}

function fragmentation({ member, span }: Seen): Findings {
  const size = span.last.value("etcd_mvcc_db_total_size_in_bytes");
  const inUse = span.last.value("etcd_mvcc_db_total_size_in_use_in_bytes");
  if (size === null || inUse === null || size <= 0) return [];
  const share = inUse / size;
  const isFragmented = share < LEAST_IN_USE && size >= LEAST_FRAGMENTED_BYTES;
  return [
    findingOf("database", {
      ...{ what: "in use of the file", member: member.name, value: share, unit: "share" },
      figure: `${formatPercent(share * 100)}, ${formatBytes(inUse)} of ${formatBytes(size)}`,
      bound: `> ${formatPercent(LEAST_IN_USE * 100)}, above ${formatBytes(LEAST_FRAGMENTED_BYTES)}`,
      source: "etcd mixin",
      verdict: isFragmented ? "suspect" : "fine",
      confidence: "high",
      nextCommand: isFragmented
        ? `etcdctl defrag --endpoints=${member.endpoint ?? "MEMBER"}`
        : null,
    }),
  ];
}

/** From 3.4 on the page has both revisions; when the last compaction was, from 3.5 on. */
function history({ member, span }: Seen): Findings {
  const current = span.last.value(CURRENT_REVISION);
  const compacted = span.last.value("etcd_debugging_mvcc_compact_revision");
  const keys = span.last.value("etcd_debugging_mvcc_keys_total");
  if (current === null || compacted === null || keys === null) return [];
  // A new etcd has compacted nothing, which it writes as -1.
  const kept = current - Math.max(0, compacted);
  const perSecond = (riseOf(span, CURRENT_REVISION) ?? 0) / (span.seconds ?? Number.NaN);
  // How old the oldest is, if writes came at the rate of the window all along.
  const age = perSecond > 0 ? `, ${timeWords(kept / perSecond)} at the rate of the window` : "";
  const isLong = kept >= LONG_HISTORY && kept >= REVISIONS_PER_KEY * keys;
  return [
    findingOf("database", {
      ...{ what: "history that is kept", member: member.name, value: kept, unit: "count" },
      figure: `${formatNoun(kept, "revision")}, ${formatNoun(keys, "key")}${age}`,
      bound: `< ${formatCount(LONG_HISTORY)}, or ${REVISIONS_PER_KEY} for each key`,
      source: "bound of bench; Kubernetes compacts every 5 min",
      verdict: isLong ? "suspect" : "fine",
      confidence: isLong ? "medium" : "high",
      nextCommand: isLong
        ? `etcdctl compact REVISION --endpoints=${member.endpoint ?? "MEMBER"}`
        : null,
    }),
  ];
}

/** What keeps all other requests waiting. */
function blocking({ member, span }: Seen): Findings {
  const kinds = [
    ["etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds", "pauses of compaction", 1e-3],
    ["etcd_disk_backend_defrag_duration_seconds", "defragmentations", 1],
  ] as const;
  if (span.seconds === null) return [];
  return kinds.flatMap(([name, what, unit]) => {
    const rise = riseOfHistogram(span, name);
    const mean = rise === null ? null : meanOf(rise);
    if (rise === null || mean === null) return [];
    const seconds = mean * unit;
    const isLong = seconds >= LEAST_BLOCKING_SECONDS;
    return [
      findingOf("database", {
        ...{ what, member: member.name, value: seconds * 1_000, unit: "ms" },
        figure: `${formatCount(rise.total)} of ${timeWords(seconds)} on average`,
        ...{ bound: `< ${timeWords(LEAST_BLOCKING_SECONDS)}`, source: "bound of bench" },
        verdict: isLong ? "suspect" : "fine",
        confidence: isLong ? "medium" : "high",
        nextCommand: isLong ? 'journalctl -u etcd | grep -i "compact\\|defrag"' : null,
      }),
    ];
  });
}

function memory({ member, span }: Seen): Findings {
  const rss = span.last.value("process_resident_memory_bytes");
  const heap = span.last.value("go_memstats_heap_inuse_bytes");
  const inUse = span.last.value("etcd_mvcc_db_total_size_in_use_in_bytes");
  if (rss === null) return [];
  const parts = [
    ...(heap === null ? [] : [`heap ${formatBytes(heap)}`]),
    ...(inUse === null ? [] : [`database in use ${formatBytes(inUse)}`]),
  ];
  return [
    findingOf("database", {
      ...{ what: "memory", member: member.name, value: rss, unit: "bytes", confidence: "high" },
      figure: [formatBytes(rss), ...parts].join(", "),
    }),
  ];
}

/** Long ones keep pages from being freed. */
function openReads({ member, span }: Seen): Findings {
  const open = span.last.value("etcd_mvcc_db_open_read_transactions");
  if (open === null) return [];
  const isMany = open >= OPEN_READS;
  return [
    findingOf("database", {
      ...{ what: "open read transactions", member: member.name, value: open, unit: "count" },
      ...{ figure: formatCount(open), bound: `< ${formatCount(OPEN_READS)}` },
      source: "bound of bench",
      verdict: isMany ? "suspect" : "fine",
      confidence: isMany ? "low" : "high",
      nextCommand: isMany
        ? `curl -s ${member.url ?? "http://MEMBER"}/metrics | grep read_transactions`
        : null,
    }),
  ];
}
