/** Names the test files that run elsewhere, alone, first, or not each time: run-all.ts reads these lists. */

/** Run twice: on the etcd found, and on the oldest that bench speaks. */
export const ON_OLDER_ETCD_TOO = ["quota"];
/** Likewise, where all is run. Others take their versions from each-etcd.ts. */
export const ON_OLDER_ETCD_IN_WHOLE = [
  "put",
  "range",
  "range-answers",
  "lease-grant",
  "lease-keepalive",
  "stm",
];
/** Left to a whole run, unless they are asked for by name. */
export const IN_WHOLE_RUN = [
  ...["kills", "quickstart", "docs-examples", "planned-changes"],
  ...["find-max", "streamed-sessions", "upstream-readme", "target-changes", "agents-ssh"],
  ...["cluster-discovery", "cluster-kills", "left-faults", "network-events", "live"],
  ...["doctor-planted", "monitor-prometheus", "container", "agents-kubernetes", "agents-slurm"],
  ...["agents-namespaces", "agents-faults", "agents-disks", "agents-network", "agents-loads"],
  "agents-thousand",
];
/** Run after all others, each with the machine to itself: they look for who takes its CPUs, or need them. */
export const ALONE = ["doctor-planted", "agents-network", "agents-thousand"];
/** Begun first, so that none of them is still at work when all others are done. */
export const SLOWEST = [
  ...IN_WHOLE_RUN,
  ...["tls-and-auth", "outputs", "watch", "proxies", "calibrate", "ab", "transports", "gateway"],
  ...["put", "events", "range", "pacing", "interrupts", "suites", "faults", "nightly", "cleanup"],
  ...["local-cluster", "planned-faults", "lock", "help-examples", "range-answers", "txn-mixed"],
  ...["stm", "mixed", "lease-grant", "start-up", "procfile"],
];
/**
 * Unit tests that take most CPU, which a quick look leaves out; a whole run begins with them.
 * `BENCH_TEST_TIMES=1 npm run test:unit` prints what each takes.
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
];
