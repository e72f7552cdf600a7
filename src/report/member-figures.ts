/**
 * The figures of a member that reports show: their columns, how those of several members combine, and
 * their names for Prometheus. A new figure is an entry here.
 */
import type { ServerResult } from "../result/schema.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatRatio,
} from "../tables/number-format.ts";

/** A number of the result, or one that is made of several. */
export type FigureName =
  | Exclude<keyof ServerResult, "endpoint" | "member" | "samples">
  | "diskPerLiveByte";

/** `main` is printed of every run, the others where they are asked for. */
export type FigureTable = "main" | "memory" | "traffic";

export interface MemberFigure {
  /** Null: in no table. */
  table: FigureTable | null;
  /** A line each. */
  header: readonly string[];
  format: (value: number | null) => string;
  /** Over several members; at least one value. */
  over: (values: readonly number[]) => number;
  /** For Prometheus: its name after `bench_etcd_`, in base units, and what it is of a run. */
  metric: string;
  help: string;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const largest = (values: readonly number[]) => Math.max(...values);

/** In the order of their columns. */
export const MEMBER_FIGURES: Readonly<Record<FigureName, MemberFigure>> = {
  rssMeanBytes: {
    table: "main",
    header: ["RSS", "mean"],
    format: formatBytes,
    over: mean,
    metric: "resident_memory_bytes",
    help: "Mean resident memory of a member",
  },
  rssMaxBytes: {
    table: "main",
    header: ["RSS", "max"],
    format: formatBytes,
    over: largest,
    metric: "resident_memory_max_bytes",
    help: "Largest resident memory of a member",
  },
  cpuSeconds: {
    table: null,
    header: ["CPU", "seconds"],
    format: formatRate,
    over: sum,
    metric: "cpu_seconds",
    help: "CPU that a member took",
  },
  cpuPercent: {
    table: "main",
    header: ["CPU of", "a core"],
    format: formatPercent,
    over: sum,
    metric: "cpu_ratio",
    help: "CPU that a member took, of one core",
  },
  walFsyncP99Ms: {
    table: "main",
    header: ["fsync", "p99"],
    format: formatDuration,
    over: largest,
    metric: "wal_fsync_p99_seconds",
    help: "99th percentile of WAL fsync of a member",
  },
  backendCommitP99Ms: {
    table: "main",
    header: ["commit", "p99"],
    format: formatDuration,
    over: largest,
    metric: "backend_commit_p99_seconds",
    help: "99th percentile of backend commits of a member",
  },
  walFsyncMeanMs: {
    table: null,
    header: ["fsync", "mean"],
    format: formatDuration,
    over: largest,
    metric: "wal_fsync_mean_seconds",
    help: "Mean WAL fsync of a member",
  },
  backendCommitMeanMs: {
    table: null,
    header: ["commit", "mean"],
    format: formatDuration,
    over: largest,
    metric: "backend_commit_mean_seconds",
    help: "Mean backend commit of a member",
  },
  walFsyncSeconds: {
    table: null,
    header: ["fsync", "seconds"],
    format: formatRate,
    over: largest,
    metric: "wal_fsync_seconds",
    help: "Time that a member spent in WAL fsync",
  },
  backendCommitSeconds: {
    table: null,
    header: ["commit", "seconds"],
    format: formatRate,
    over: largest,
    metric: "backend_commit_seconds",
    help: "Time that a member spent in backend commits",
  },
  leaderChanges: {
    table: "main",
    header: ["leader", "changes"],
    format: formatCount,
    over: largest,
    metric: "leader_changes",
    help: "Leader changes that a member saw",
  },
  slowApplies: {
    table: "main",
    header: ["slow", "applies"],
    format: formatCount,
    over: sum,
    metric: "slow_applies",
    help: "Slow applies of a member",
  },
  failedProposals: {
    table: null,
    header: ["failed", "proposals"],
    format: formatCount,
    over: largest,
    metric: "failed_proposals",
    help: "Failed proposals of a member",
  },
  dbSizeBytes: {
    table: "main",
    header: ["DB", "size"],
    format: formatBytes,
    over: largest,
    metric: "db_size_bytes",
    help: "Size of the database of a member at the end",
  },
  peakRssBytes: {
    table: "memory",
    header: ["RSS", "peak"],
    format: formatBytes,
    over: largest,
    metric: "peak_resident_memory_bytes",
    help: "Most resident memory of a member since its start, as of the end",
  },
  heapInUseBytes: {
    table: "memory",
    header: ["heap", "in use"],
    format: formatBytes,
    over: largest,
    metric: "heap_in_use_bytes",
    help: "Largest Go heap in use of a member",
  },
  heapAllocatedBytes: {
    table: "memory",
    header: ["heap", "allocated"],
    format: formatBytes,
    over: largest,
    metric: "heap_allocated_bytes",
    help: "Largest allocated Go heap of a member",
  },
  goroutines: {
    table: "memory",
    header: ["goroutines"],
    format: formatCount,
    over: largest,
    metric: "goroutines",
    help: "Most goroutines of a member",
  },
  openFiles: {
    table: "memory",
    header: ["open", "files"],
    format: formatCount,
    over: largest,
    metric: "open_files",
    help: "Most open files of a member",
  },
  dbInUseBytes: {
    table: "memory",
    header: ["DB", "in use"],
    format: formatBytes,
    over: largest,
    metric: "db_in_use_bytes",
    help: "Size in use of the database of a member at the end",
  },
  diskPerLiveByte: {
    table: "memory",
    header: ["DB size", "to in use"],
    format: formatRatio,
    over: largest,
    metric: "db_size_to_in_use_ratio",
    help: "Size of the database of a member over its size in use at the end",
  },
  walSizeBytes: {
    table: "memory",
    header: ["WAL", "size"],
    format: formatBytes,
    over: largest,
    metric: "wal_size_bytes",
    help: "Size of the WAL files of a member at the end",
  },
  walWrittenBytes: {
    table: "traffic",
    header: ["WAL", "written"],
    format: formatBytes,
    over: sum,
    metric: "wal_written_bytes",
    help: "Bytes that a member wrote to its WAL",
  },
  diskReadBytes: {
    table: "traffic",
    header: ["disk", "read"],
    format: formatBytes,
    over: sum,
    metric: "disk_read_bytes",
    help: "Bytes that the process of a member read from disks",
  },
  diskWrittenBytes: {
    table: "traffic",
    header: ["disk", "written"],
    format: formatBytes,
    over: sum,
    metric: "disk_written_bytes",
    help: "Bytes that the process of a member wrote to disks",
  },
  clientReceivedBytes: {
    table: "traffic",
    header: ["clients", "in"],
    format: formatBytes,
    over: sum,
    metric: "client_received_bytes",
    help: "Bytes that a member received from clients",
  },
  clientSentBytes: {
    table: "traffic",
    header: ["clients", "out"],
    format: formatBytes,
    over: sum,
    metric: "client_sent_bytes",
    help: "Bytes that a member sent to clients",
  },
  peerReceivedBytes: {
    table: "traffic",
    header: ["peers", "in"],
    format: formatBytes,
    over: sum,
    metric: "peer_received_bytes",
    help: "Bytes that a member received from peers",
  },
  peerSentBytes: {
    table: "traffic",
    header: ["peers", "out"],
    format: formatBytes,
    over: sum,
    metric: "peer_sent_bytes",
    help: "Bytes that a member sent to peers",
  },
  peerRoundTripMeanMs: {
    table: "traffic",
    header: ["round trip", "mean"],
    format: formatDuration,
    over: largest,
    metric: "peer_round_trip_mean_seconds",
    help: "Mean round trip from a member to its peers",
  },
  peerRoundTripP99AboveMs: {
    table: "traffic",
    header: ["p99", "above"],
    format: formatDuration,
    over: largest,
    metric: "peer_round_trip_p99_above_seconds",
    help: "Lower bound of the 99th percentile of the round trip from a member to its peers",
  },
  peerRoundTripP99UpToMs: {
    table: "traffic",
    header: ["p99", "up to"],
    format: formatDuration,
    over: largest,
    metric: "peer_round_trip_p99_up_to_seconds",
    help: "Upper bound of the 99th percentile of the round trip from a member to its peers",
  },
  pendingProposals: {
    table: "traffic",
    header: ["pending", "proposals"],
    format: formatCount,
    over: largest,
    metric: "pending_proposals",
    help: "Most pending proposals of a member",
  },
  slowWatchers: {
    table: "traffic",
    header: ["slow", "watchers"],
    format: formatCount,
    over: largest,
    metric: "slow_watchers",
    help: "Most slow watchers of a member",
  },
};

export const FIGURE_NAMES = Object.keys(MEMBER_FIGURES) as FigureName[];

/** Null where it could not be had. */
export function figureOf(server: ServerResult, name: FigureName): number | null {
  if (name !== "diskPerLiveByte") return server[name];
  const { dbSizeBytes, dbInUseBytes } = server;
  return dbSizeBytes === null || !dbInUseBytes ? null : dbSizeBytes / dbInUseBytes;
}

/** Over the members that have it; null where none has. */
export function figureOver(members: readonly ServerResult[], name: FigureName): number | null {
  const known = members.flatMap((member) => figureOf(member, name) ?? []);
  return known.length === 0 ? null : MEMBER_FIGURES[name].over(known);
}
