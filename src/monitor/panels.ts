/**
 * The panels of the dashboard: what bench measures and what etcd reports of itself, side by side. Queries
 * are PromQL with Grafana's variables `$run` and `$__rate_interval`.
 */

export interface Query {
  expr: string;
  /** How a series is named, from its labels. */
  legend: string;
}

export interface Panel {
  title: string;
  /** As Grafana names it. */
  unit: "reqps" | "s" | "percentunit" | "bytes" | "Bps" | "cps" | "short" | "none";
  queries: readonly Query[];
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

const RUN = 'run=~"$run"';
const ETCD = 'job="etcd"';

/** A quantile of bench's histogram: classic, as it is scraped, or native, as remote write has it. */
function ofDurations(quantile: number): string {
  const name = "bench_request_duration_seconds";
  const classic = `sum by (le, op, clock) (rate(${name}_bucket{${RUN}}[$__rate_interval]))`;
  const native = `sum by (op, clock) (rate(${name}{${RUN}}[$__rate_interval]))`;
  return `histogram_quantile(${quantile}, ${classic}) or histogram_quantile(${quantile}, ${native})`;
}

function rateOf(name: string, by: string, labels: string): string {
  return `sum by (${by}) (rate(${name}{${labels}}[$__rate_interval]))`;
}

/** In etcd's own buckets, which are coarse: the figure is an estimate within one. */
function ofEtcd(quantile: number, name: string, by = "member"): string {
  return `histogram_quantile(${quantile}, ${rateOf(`${name}_bucket`, `le, ${by}`, ETCD)})`;
}

const MEMBER = "{{member}}";

export const ROWS: readonly Row[] = [
  {
    title: "What bench measures",
    panels: [
      {
        title: "Requests per second",
        unit: "reqps",
        queries: [
          {
            expr: rateOf("bench_requests_total", "op", `${RUN},code="OK"`),
            legend: "{{op}}",
          },
          { expr: `sum(rate(bench_offered_total{${RUN}}[$__rate_interval]))`, legend: "offered" },
        ],
      },
      {
        title: "Errors per second, by code",
        unit: "reqps",
        queries: [
          {
            // A request is counted for the whole load and for its kind: a sum over both has it twice.
            expr: `${rateOf("bench_requests_total", "op, code", `${RUN},code!="OK"`)} or vector(0)`,
            legend: "{{op}} {{code}}",
          },
          { expr: `sum(bench_dropped_total{${RUN}})`, legend: "dropped, in all" },
        ],
      },
      {
        title: "Latency of successful requests on both clocks, p50 and p99 of the histogram",
        unit: "s",
        queries: [
          { expr: ofDurations(0.5), legend: "{{op}} {{clock}} p50" },
          { expr: ofDurations(0.99), legend: "{{op}} {{clock}} p99" },
        ],
      },
      {
        title: "Latency of each second, exact",
        unit: "s",
        queries: [
          {
            expr: `bench_request_duration_quantile_seconds{${RUN}}`,
            legend: "{{op}} {{clock}} {{quantile}}",
          },
        ],
      },
      {
        title: "Verdict, and events under way",
        unit: "none",
        queries: [
          { expr: `bench_verdict{${RUN}} == 1`, legend: "{{verdict}}" },
          { expr: `bench_event_active{${RUN}}`, legend: "{{event}} {{member}}" },
        ],
      },
      {
        title: "The client: busiest worker, and p99 of late sends in seconds",
        unit: "short",
        queries: [
          { expr: `max(bench_worker_busy_ratio{${RUN}})`, legend: "busy" },
          {
            expr: [
              `histogram_quantile(0.99, sum by (le) (rate(bench_dispatch_lag_seconds_bucket{${RUN}}[$__rate_interval])))`,
              `histogram_quantile(0.99, sum(rate(bench_dispatch_lag_seconds{${RUN}}[$__rate_interval])))`,
            ].join(" or "),
            legend: "late by",
          },
        ],
      },
    ],
  },
  {
    title: "What etcd reports",
    panels: [
      {
        title: "Members up, and with a leader",
        unit: "short",
        queries: [
          { expr: `sum(up{${ETCD}})`, legend: "up" },
          { expr: `sum(etcd_server_has_leader{${ETCD}})`, legend: "with a leader" },
        ],
      },
      {
        title: "RPCs per second, and those that failed",
        unit: "reqps",
        queries: [
          {
            expr: rateOf("grpc_server_started_total", "member", `${ETCD},grpc_type="unary"`),
            legend: MEMBER,
          },
          {
            expr: `sum(rate(grpc_server_handled_total{${ETCD},grpc_type="unary",grpc_code!="OK"}[$__rate_interval])) or vector(0)`,
            legend: "failed",
          },
        ],
      },
      {
        title: "Disk: p99 of WAL fsync and of backend commit",
        unit: "s",
        queries: [
          {
            expr: ofEtcd(0.99, "etcd_disk_wal_fsync_duration_seconds"),
            legend: `${MEMBER} fsync`,
          },
          {
            expr: ofEtcd(0.99, "etcd_disk_backend_commit_duration_seconds"),
            legend: `${MEMBER} commit`,
          },
        ],
      },
      {
        title: "Round trip to peers, p99",
        unit: "s",
        queries: [
          {
            expr: ofEtcd(0.99, "etcd_network_peer_round_trip_time_seconds", "member, To"),
            legend: `${MEMBER} to {{To}}`,
          },
        ],
      },
      {
        title: "Proposals: committed per second, pending, failed",
        unit: "short",
        queries: [
          {
            expr: `max(rate(etcd_server_proposals_committed_total{${ETCD}}[$__rate_interval]))`,
            legend: "committed",
          },
          { expr: `etcd_server_proposals_pending{${ETCD}}`, legend: `${MEMBER} pending` },
          {
            expr: rateOf("etcd_server_proposals_failed_total", "member", ETCD),
            legend: `${MEMBER} failed`,
          },
        ],
      },
      {
        title: "Leader changes seen, and the leader",
        unit: "short",
        queries: [
          { expr: `max(etcd_server_leader_changes_seen_total{${ETCD}})`, legend: "changes" },
          { expr: `etcd_server_is_leader{${ETCD}}`, legend: `${MEMBER} leads` },
        ],
      },
      {
        title: "CPU, in cores",
        unit: "short",
        queries: [{ expr: rateOf("process_cpu_seconds_total", "member", ETCD), legend: MEMBER }],
      },
      {
        title: "Resident memory",
        unit: "bytes",
        queries: [{ expr: `process_resident_memory_bytes{${ETCD}}`, legend: MEMBER }],
      },
      {
        title: "Database: size, and in use",
        unit: "bytes",
        queries: [
          { expr: `etcd_mvcc_db_total_size_in_bytes{${ETCD}}`, legend: MEMBER },
          {
            expr: `etcd_mvcc_db_total_size_in_use_in_bytes{${ETCD}}`,
            legend: `${MEMBER} in use`,
          },
        ],
      },
      {
        title: "Traffic with clients",
        unit: "Bps",
        queries: [
          {
            expr: rateOf("etcd_network_client_grpc_received_bytes_total", "member", ETCD),
            legend: `${MEMBER} in`,
          },
          {
            expr: rateOf("etcd_network_client_grpc_sent_bytes_total", "member", ETCD),
            legend: `${MEMBER} out`,
          },
        ],
      },
      {
        title: "Traffic with peers",
        unit: "Bps",
        queries: [
          {
            expr: rateOf("etcd_network_peer_sent_bytes_total", "member", ETCD),
            legend: `${MEMBER} out`,
          },
        ],
      },
      {
        title: "Watchers and slow applies",
        unit: "short",
        queries: [
          { expr: `etcd_debugging_mvcc_watcher_total{${ETCD}}`, legend: `${MEMBER} watchers` },
          {
            expr: rateOf("etcd_server_slow_apply_total", "member", ETCD),
            legend: `${MEMBER} slow applies`,
          },
        ],
      },
    ],
  },
];

/** Marks events in every panel: a stretch for as long as one goes on. */
export const EVENTS_QUERY = `bench_event_active{${RUN}} > 0`;
/** The ids of runs, for the variable `run`. */
export const RUNS_QUERY = "label_values(bench_run_start_timestamp_seconds, run)";
