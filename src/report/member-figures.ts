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

/** Of a figure, all but its name and words for Prometheus. */
function column(
  table: MemberFigure["table"],
  header: MemberFigure["header"],
  format: MemberFigure["format"],
  over: MemberFigure["over"],
) {
  return { table, header, format, over };
}

/** In the order of their columns. */
export const MEMBER_FIGURES: Readonly<Record<FigureName, MemberFigure>> = {
  rssMeanBytes: {
    ...column("main", ["RSS", "mean"], formatBytes, mean),
    metric: "resident_memory_bytes",
    help: "Mean resident memory of a member",
  },
  rssMaxBytes: {
    ...column("main", ["RSS", "max"], formatBytes, largest),
    metric: "resident_memory_max_bytes",
    help: "Largest resident memory of a member",
  },
  cpuSeconds: {
    ...column(null, ["CPU", "seconds"], formatRate, sum),
    metric: "cpu_seconds",
    help: "CPU that a member took",
  },
  cpuPercent: {
    ...column("main", ["CPU of", "a core"], formatPercent, sum),
    metric: "cpu_ratio",
    help: "CPU that a member took, of one core",
  },
  walFsyncP99Ms: {
    ...column("main", ["fsync", "p99"], formatDuration, largest),
    metric: "wal_fsync_p99_seconds",
    help: "99th percentile of WAL fsync of a member",
  },
  backendCommitP99Ms: {
    ...column("main", ["commit", "p99"], formatDuration, largest),
    metric: "backend_commit_p99_seconds",
    help: "99th percentile of backend commits of a member",
  },
  walFsyncMeanMs: {
    ...column(null, ["fsync", "mean"], formatDuration, largest),
    metric: "wal_fsync_mean_seconds",
    help: "Mean WAL fsync of a member",
  },
  backendCommitMeanMs: {
    ...column(null, ["commit", "mean"], formatDuration, largest),
    metric: "backend_commit_mean_seconds",
    help: "Mean backend commit of a member",
  },
  walFsyncSeconds: {
    ...column(null, ["fsync", "seconds"], formatRate, largest),
    metric: "wal_fsync_seconds",
    help: "Time that a member spent in WAL fsync",
  },
  backendCommitSeconds: {
    ...column(null, ["commit", "seconds"], formatRate, largest),
    metric: "backend_commit_seconds",
    help: "Time that a member spent in backend commits",
  },
  leaderChanges: {
    ...column("main", ["leader", "changes"], formatCount, largest),
    metric: "leader_changes",
    help: "Leader changes that a member saw",
  },
  slowApplies: {
    ...column("main", ["slow", "applies"], formatCount, sum),
    metric: "slow_applies",
    help: "Slow applies of a member",
  },
  failedProposals: {
    ...column(null, ["failed", "proposals"], formatCount, largest),
    metric: "failed_proposals",
    help: "Failed proposals of a member",
  },
  dbSizeBytes: {
    ...column("main", ["DB", "size"], formatBytes, largest),
    metric: "db_size_bytes",
    help: "Size of the database of a member at the end",
  },
  peakRssBytes: {
    ...column("memory", ["RSS", "peak"], formatBytes, largest),
    metric: "peak_resident_memory_bytes",
    help: "Most resident memory of a member since its start, as of the end",
  },
  heapInUseBytes: {
    ...column("memory", ["heap", "in use"], formatBytes, largest),
    metric: "heap_in_use_bytes",
    help: "Largest Go heap in use of a member",
  },
  heapAllocatedBytes: {
    ...column("memory", ["heap", "allocated"], formatBytes, largest),
    metric: "heap_allocated_bytes",
    help: "Largest allocated Go heap of a member",
  },
  goroutines: {
    ...column("memory", ["goroutines"], formatCount, largest),
    metric: "goroutines",
    help: "Most goroutines of a member",
  },
  openFiles: {
    ...column("memory", ["open", "files"], formatCount, largest),
    metric: "open_files",
    help: "Most open files of a member",
  },
  dbInUseBytes: {
    ...column("memory", ["DB", "in use"], formatBytes, largest),
    metric: "db_in_use_bytes",
    help: "Size in use of the database of a member at the end",
  },
  diskPerLiveByte: {
    ...column("memory", ["DB size", "to in use"], formatRatio, largest),
    metric: "db_size_to_in_use_ratio",
    help: "Size of the database of a member over its size in use at the end",
  },
  walSizeBytes: {
    ...column("memory", ["WAL", "size"], formatBytes, largest),
    metric: "wal_size_bytes",
    help: "Size of the WAL files of a member at the end",
  },
  walWrittenBytes: {
    ...column("traffic", ["WAL", "written"], formatBytes, sum),
    metric: "wal_written_bytes",
    help: "Bytes that a member wrote to its WAL",
  },
  diskReadBytes: {
    ...column("traffic", ["disk", "read"], formatBytes, sum),
    metric: "disk_read_bytes",
    help: "Bytes that the process of a member read from disks",
  },
  diskWrittenBytes: {
    ...column("traffic", ["disk", "written"], formatBytes, sum),
    metric: "disk_written_bytes",
    help: "Bytes that the process of a member wrote to disks",
  },
  clientReceivedBytes: {
    ...column("traffic", ["clients", "in"], formatBytes, sum),
    metric: "client_received_bytes",
    help: "Bytes that a member received from clients",
  },
  clientSentBytes: {
    ...column("traffic", ["clients", "out"], formatBytes, sum),
    metric: "client_sent_bytes",
    help: "Bytes that a member sent to clients",
  },
  peerReceivedBytes: {
    ...column("traffic", ["peers", "in"], formatBytes, sum),
    metric: "peer_received_bytes",
    help: "Bytes that a member received from peers",
  },
  peerSentBytes: {
    ...column("traffic", ["peers", "out"], formatBytes, sum),
    metric: "peer_sent_bytes",
    help: "Bytes that a member sent to peers",
  },
  peerRoundTripMeanMs: {
    ...column("traffic", ["round trip", "mean"], formatDuration, largest),
    metric: "peer_round_trip_mean_seconds",
    help: "Mean round trip from a member to its peers",
  },
  peerRoundTripP99AboveMs: {
    ...column("traffic", ["p99", "above"], formatDuration, largest),
    metric: "peer_round_trip_p99_above_seconds",
    help: "Lower bound of the 99th percentile of the round trip from a member to its peers",
  },
  peerRoundTripP99UpToMs: {
    ...column("traffic", ["p99", "up to"], formatDuration, largest),
    metric: "peer_round_trip_p99_up_to_seconds",
    help: "Upper bound of the 99th percentile of the round trip from a member to its peers",
  },
  pendingProposals: {
    ...column("traffic", ["pending", "proposals"], formatCount, largest),
    metric: "pending_proposals",
    help: "Most pending proposals of a member",
  },
  slowWatchers: {
    ...column("traffic", ["slow", "watchers"], formatCount, largest),
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
