/**
 * Reads etcd's `/metrics` page (the Prometheus text format): it looks for the few families that a
 * result carries and leaves the rest of the 150 KB unread.
 */

/** A cumulative histogram, as on the page: `counts[i]` observations were at most `bounds[i]`. */
export interface Buckets {
  /** In seconds, ascending; the last is Infinity. */
  bounds: number[];
  counts: number[];
}

/** Counters, of which a run has what they rose by, under these names. */
export const COUNTERS = {
  cpuSeconds: "process_cpu_seconds_total",
  leaderChanges: "etcd_server_leader_changes_seen_total",
  slowApplies: "etcd_server_slow_apply_total",
  failedProposals: "etcd_server_proposals_failed_total",
  walFsyncSeconds: "etcd_disk_wal_fsync_duration_seconds_sum",
  backendCommitSeconds: "etcd_disk_backend_commit_duration_seconds_sum",
  walWrittenBytes: "etcd_disk_wal_write_bytes_total",
  clientReceivedBytes: "etcd_network_client_grpc_received_bytes_total",
  clientSentBytes: "etcd_network_client_grpc_sent_bytes_total",
} as const;

/** Counters with a series for each peer, of which a run has what their sum rose by. */
export const PEER_COUNTERS = {
  peerReceivedBytes: "etcd_network_peer_received_bytes_total",
  peerSentBytes: "etcd_network_peer_sent_bytes_total",
} as const;

/** Numbers of which a run has the last one, under these names. */
export const LAST_READ = {
  dbSizeBytes: "etcd_mvcc_db_total_size_in_bytes",
  dbInUseBytes: "etcd_mvcc_db_total_size_in_use_in_bytes",
} as const;

/** Numbers of which a run has the largest one, under these names. */
export const LARGEST_READ = {
  heapInUseBytes: "go_memstats_heap_inuse_bytes",
  heapAllocatedBytes: "go_memstats_heap_alloc_bytes",
  goroutines: "go_goroutines",
  openFiles: "process_open_fds",
  pendingProposals: "etcd_server_proposals_pending",
  slowWatchers: "etcd_debugging_mvcc_slow_watcher_total",
} as const;

const PEER_ROUND_TRIP = "etcd_network_peer_round_trip_time_seconds";

export type Counter = keyof typeof COUNTERS | keyof typeof PEER_COUNTERS | "peerRoundTripSeconds";
type Numbers<Table> = Record<keyof Table, number | null>;

/** One reading of one member. A family that is not on the page is null. */
export interface MemberMetrics
  extends Record<Counter, number | null>,
    Numbers<typeof LAST_READ>,
    Numbers<typeof LARGEST_READ> {
  /** In hex, as etcdctl prints it. */
  memberId: string | null;
  processStartSeconds: number | null;
  rssBytes: number | null;
  walFsync: Buckets | null;
  backendCommit: Buckets | null;
  /** To all peers together. */
  peerRoundTrip: Buckets | null;
}

export function readMemberMetrics(page: string): MemberMetrics {
  return {
    memberId: labelOf(page, "etcd_server_id", "server_id"),
    processStartSeconds: numberOf(page, "process_start_time_seconds"),
    rssBytes: numberOf(page, "process_resident_memory_bytes"),
    walFsync: bucketsOf(page, "etcd_disk_wal_fsync_duration_seconds"),
    backendCommit: bucketsOf(page, "etcd_disk_backend_commit_duration_seconds"),
    peerRoundTrip: labelledBucketsOf(page, PEER_ROUND_TRIP),
    peerRoundTripSeconds: labelledSumOf(page, `${PEER_ROUND_TRIP}_sum`),
    ...numbersOf(COUNTERS, (name) => numberOf(page, COUNTERS[name])),
    ...numbersOf(PEER_COUNTERS, (name) => labelledSumOf(page, PEER_COUNTERS[name])),
    ...numbersOf(LAST_READ, (name) => numberOf(page, LAST_READ[name])),
    ...numbersOf(LARGEST_READ, (name) => numberOf(page, LARGEST_READ[name])),
  };
}

/** A number for each name of the table. */
export function numbersOf<Table extends object>(
  table: Table,
  of: (name: keyof Table) => number | null,
): Numbers<Table> {
  const names = Object.keys(table) as (keyof Table)[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Numbers<Table>;
}

/** The value of a series without labels; null where it is missing or no number. */
export function numberOf(page: string, name: string): number | null {
  const start = startOfLine(page, `${name} `);
  return start < 0 ? null : numberAfter(page, start + name.length + 1);
}

/** The buckets of a histogram without further labels; null where it is missing. */
export function bucketsOf(page: string, name: string): Buckets | null {
  const prefix = `${name}_bucket{le="`;
  const buckets: Buckets = { bounds: [], counts: [] };
  let line = startOfLine(page, prefix);
  while (line >= 0 && page.startsWith(prefix, line)) {
    const quote = page.indexOf('"', line + prefix.length);
    const bound = prometheusNumber(page.slice(line + prefix.length, quote));
    const count = numberAfter(page, page.indexOf("}", quote) + 1);
    if (bound === null || count === null) return null;
    buckets.bounds.push(bound);
    buckets.counts.push(count);
    line = page.indexOf("\n", quote) + 1;
    if (line === 0) break;
  }
  return buckets.bounds.at(-1) === Number.POSITIVE_INFINITY ? buckets : null;
}

/** The sum over the series of a family that has labels; null where there is none, or one is no number. */
export function labelledSumOf(page: string, name: string): number | null {
  let sum: number | null = null;
  for (const { value } of labelledSeries(page, name)) {
    if (value === null) return null;
    sum = (sum ?? 0) + value;
  }
  return sum;
}

/** The buckets of a histogram with further labels, added up over them; null where it is missing. */
export function labelledBucketsOf(page: string, name: string): Buckets | null {
  const countOf = new Map<number, number>();
  for (const { labels, value } of labelledSeries(page, `${name}_bucket`)) {
    const bound = prometheusNumber(/(?:^|,)le="([^"]*)"/.exec(labels)?.[1] ?? "");
    if (bound === null || value === null) return null;
    countOf.set(bound, (countOf.get(bound) ?? 0) + value);
  }
  const bounds = [...countOf.keys()].sort((a, b) => a - b);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) return null;
  return { bounds, counts: bounds.map((bound) => countOf.get(bound)!) };
}

/** `labels` is what is between the braces. */
function* labelledSeries(
  page: string,
  name: string,
): Generator<{ labels: string; value: number | null }> {
  const prefix = `${name}{`;
  for (let line = startOfLine(page, prefix); line >= 0; ) {
    const newline = page.indexOf("\n", line);
    const end = newline < 0 ? page.length : newline;
    const close = page.lastIndexOf("}", end);
    const isWhole = close > line;
    yield {
      labels: isWhole ? page.slice(line + prefix.length, close) : "",
      value: isWhole ? numberAfter(page, close + 1) : null,
    };
    if (newline < 0) return;
    // Of a histogram the sum and the count of one series come before the buckets of the next.
    const next = page.indexOf(`\n${prefix}`, newline);
    line = next < 0 ? next : next + 1;
  }
}

/**
 * The bucket that a quantile is in, of a histogram whose bounds are too coarse to say more.
 * @param q 0 to 1
 * @returns in the unit of the bounds, the last of them Infinity; null without observations
 */
export function quantileBucket(
  q: number,
  { bounds, counts }: Buckets,
): { above: number; upTo: number } | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return null;
  const at = counts.findIndex((count) => count >= q * total);
  return { above: at === 0 ? 0 : bounds[at - 1]!, upTo: bounds[at]! };
}

/**
 * A quantile as Prometheus' histogram_quantile has it: linear within its bucket, and the highest
 * finite bound where it lies beyond. Null without observations.
 * @param q 0 to 1
 * @returns in the unit of the bounds
 */
export function histogramQuantile(q: number, { bounds, counts }: Buckets): number | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return null;
  const rank = q * total;
  const at = counts.findIndex((count) => count >= rank);
  if (bounds[at] === Number.POSITIVE_INFINITY) return bounds.at(-2) ?? null;
  const lower = at === 0 ? 0 : bounds[at - 1]!;
  const below = at === 0 ? 0 : counts[at - 1]!;
  const within = counts[at]! - below;
  return within === 0 ? bounds[at]! : lower + ((bounds[at]! - lower) * (rank - below)) / within;
}

/** The value of a label of a series that has this one alone; null where it is missing. */
export function labelOf(page: string, name: string, label: string): string | null {
  const prefix = `${name}{${label}="`;
  const start = startOfLine(page, prefix);
  if (start < 0) return null;
  const value = start + prefix.length;
  return page.slice(value, page.indexOf('"', value));
}

function startOfLine(page: string, prefix: string): number {
  if (page.startsWith(prefix)) return 0;
  const at = page.indexOf(`\n${prefix}`);
  return at < 0 ? -1 : at + 1;
}

/** The number from `start` to the end of the line; a time stamp may follow it. */
function numberAfter(page: string, start: number): number | null {
  const end = page.indexOf("\n", start);
  const rest = page.slice(start, end < 0 ? undefined : end).trim();
  return prometheusNumber(rest.split(" ", 1)[0] ?? "");
}

function prometheusNumber(text: string): number | null {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isNaN(value) ? null : value;
}
