/** Lists test files that run elsewhere, alone, first or not every time; run-all.ts reads the lists. */

/** Files that run twice: on the current etcd and on the oldest that bench supports. */
export const ON_OLDER_ETCD_TOO = ["quota"];
/** The same, in a whole run. Other files choose their versions with each-etcd.ts. */
export const ON_OLDER_ETCD_IN_WHOLE = [
  "put",
  "range",
  "range-answers",
  "lease-grant",
  "lease-keepalive",
  "stm",
];
/** Files for a whole run only, or when they are named. */
export const IN_WHOLE_RUN = [
  ...["kills", "quickstart", "docs-examples", "planned-changes"],
  ...["find-max", "streamed-sessions", "upstream-readme", "target-changes", "agents-ssh"],
  ...["cluster-discovery", "cluster-kills", "left-faults", "network-events", "live"],
  ...["doctor-planted", "monitor-prometheus", "container", "agents-kubernetes", "agents-slurm"],
  ...["agents-namespaces", "agents-faults", "agents-disks", "agents-network", "agents-loads"],
  "agents-thousand",
];
/** Files that run last and alone: they measure the CPU use of others, or need all CPUs. */
export const ALONE = ["doctor-planted", "agents-network", "agents-thousand"];
/** Files that start first, because they take longest. */
export const SLOWEST = [
  ...IN_WHOLE_RUN,
  ...["tls-and-auth", "outputs", "watch", "proxies", "calibrate", "ab", "transports", "gateway"],
  ...["put", "events", "range", "pacing", "interrupts", "suites", "faults", "nightly", "cleanup"],
  ...["local-cluster", "local-cluster-owner", "planned-faults", "lock", "help-examples"],
  ...["range-answers", "txn-mixed", "stm", "mixed", "lease-grant", "start-up", "procfile"],
];
/**
 * Unit tests with the most CPU time: a quick run leaves them out, and a whole run starts with them.
 * `BENCH_TEST_TIMES=1 npm run test:unit` prints the CPU time of each file.
 */
export const SLOWEST_UNIT = [
  "workloads/availability/planted-faults",
  ...["ab/earlier-session", "ab/power", "ab/session", "agents/agent-requests"],
  ...["agents/agent-session", "agents/agent-shares", "agents/coordination"],
  ...["agents/remote-agent", "calibrate/other-client", "cli/argv/upstream-lines"],
  ...["cli/completion/scripts", "cli/settings/settle", "code-cache", "compare/compare"],
  ...["compare/trend/trend", "doctor/probes/requests", "etcd/debian-etcd"],
  ...["etcd/etcd-archive", "etcd/inspect", "etcd/inspect-refusals", "etcd/metrics-sampler"],
  ...["fake-etcd/kv/answers", "gateway/answer-json", "gateway/gateway-connections"],
  ...["load/coordinated-omission", "load/driver", "load/driver-ends", "load/pacing/pacer"],
  ...["placement/kubernetes/objects", "machine/run-program", "placement/ssh/command"],
  ...["proxy/control-api", "proxy/fault-proxy", "reference/transport-contract"],
  ...["reference/transport-streams", "report/hostile-text", "report/html/results-page"],
  ...["run/by-endpoint", "run/interval-budget", "run/keep-slowest", "run/observer"],
  ...["run/run", "run/series-intervals", "run/so-far", "saved/store", "saved/suite-folder"],
  ...["soak/drift", "stats/e-divisive", "stats/histogram", "stats/monotone-trend"],
  ...["stats/signed-rank", "suite/box", "suite/cells", "wire/flow-control", "wire/fuzz"],
  ...["wire/hpack/decoder-laws", "wire/secure", "wire/slow-reader", "wire/window-updates"],
  ...["workloads/availability/outage-clock", "workloads/keys/popularity"],
  ...["workloads/keys/value-sizes", "workloads/stm/load", "agents/agent", "calibrate/figures"],
  ...["compare/availability", "compare/trend/analyse", "doctor/diagnosis", "listing/listing"],
  ...["report/doctor", "report/histogram-formats", "suite/runs", "wire/frame-errors"],
  ...["harness/endless-watch", "run/has-put-keys", "wire/send-queue", "etcd/open-files"],
];
