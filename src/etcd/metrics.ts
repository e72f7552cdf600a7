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
} as const;

/** Numbers of which a run has the last one, under these names. */
export const LAST_READ = {
  dbSizeBytes: "etcd_mvcc_db_total_size_in_bytes",
} as const;

export type Counter = keyof typeof COUNTERS;
type Numbers<Table> = Record<keyof Table, number | null>;

/** One reading of one member. A family that is not on the page is null. */
export interface MemberMetrics extends Numbers<typeof COUNTERS>, Numbers<typeof LAST_READ> {
  /** In hex, as etcdctl prints it. */
  memberId: string | null;
  processStartSeconds: number | null;
  rssBytes: number | null;
  walFsync: Buckets | null;
  backendCommit: Buckets | null;
  /** Of the database's size, what is not free again after a compaction. */
  dbInUseBytes: number | null;
  openFiles: number | null;
}

export function readMemberMetrics(page: string): MemberMetrics {
  return {
    memberId: labelOf(page, "etcd_server_id", "server_id"),
    processStartSeconds: numberOf(page, "process_start_time_seconds"),
    rssBytes: numberOf(page, "process_resident_memory_bytes"),
    walFsync: bucketsOf(page, "etcd_disk_wal_fsync_duration_seconds"),
    backendCommit: bucketsOf(page, "etcd_disk_backend_commit_duration_seconds"),
    dbInUseBytes: numberOf(page, "etcd_mvcc_db_total_size_in_use_in_bytes"),
    openFiles: numberOf(page, "process_open_fds"),
    ...numbersOf(COUNTERS, (name) => numberOf(page, COUNTERS[name])),
    ...numbersOf(LAST_READ, (name) => numberOf(page, LAST_READ[name])),
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
