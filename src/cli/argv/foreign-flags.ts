/**
 * Names bench's flag for those of k6, wrk, wrk2, hey, oha, vegeta, ghz and etcdctl. A flag with the
 * name of one of bench's own is not here: it is read as that.
 */

const NO_HTTP = "no flags of HTTP: it sends etcd's own gRPC requests";
const LOAD_STEPS =
  "--find-max='p99<20ms' (finds the rate by steps), or a suite with rates in its matrix";
const LATENCY =
  "no flag for it: each report has percentiles and a histogram (-o hgrm for all of them)";

const MEANT: Readonly<Record<string, string>> = {
  "auto-compact": "--compact-interval",
  "auto-defrag": "--defrag-at",
  body: NO_HTTP,
  buckets: LATENCY,
  call: "a command for each kind of request, e.g. bench put",
  cell: "--only=CELL, of bench run",
  "command-timeout": "--timeout",
  concurrency: "--clients",
  "concurrency-schedule": LOAD_STEPS,
  connections: "--conns",
  "connect-timeout": "--dial-timeout",
  "count-errors": "the failed requests in its report, at all times",
  cpus: "--workers",
  csv: "--output=csv",
  data: "--val-size and --key-size",
  debug: "errors and notes on standard error, at all times",
  "disable-color": "--no-color",
  "duration-stop": "--timeout: it waits for what is in flight, at most so long",
  every: "progress each second, on standard error",
  format: "--output",
  header: NO_HTTP,
  html: "--output=html=FILE",
  http2: "HTTP/2 alone, at all times",
  insecure: "--insecure-skip-tls-verify, or http:// in --endpoints",
  "insecure-transport": "http:// in --endpoints",
  iterations: "--total",
  json: "--output=json",
  latency: LATENCY,
  "latency-correction": "--rate: with a rate, response times count from the schedule",
  load: "--rate, --clients and --total; for etcdctl's check perf see bench put --threshold",
  "load-schedule": LOAD_STEPS,
  "load-start": "--find-start, with --find-max",
  "load-step": LOAD_STEPS,
  "load-step-duration": "--find-step-duration, with --find-max",
  "log-format": "plain lines on standard error; results go to --output",
  "max-connections": "--conns",
  "max-duration": "--duration",
  "max-workers": "--workers",
  metadata: NO_HTTP,
  method: NO_HTTP,
  name: "--label=name=TEXT",
  "no-summary": "--output",
  "no-tui": "--no-progress",
  out: "--output=FORMAT=FILE",
  "out-file": "--output=FORMAT=FILE",
  "output-format": "--output",
  password: "--user=NAME:PASSWORD, or $ETCDCTL_PASSWORD",
  proto: "etcd's protos built in",
  proxy: "no HTTP proxy: it connects to --endpoints",
  qps: "--rate",
  requests: "--total",
  "root-certs": "--cacert",
  rps: "--rate",
  script: "a suite: a file for bench run",
  "skip-first": "--warmup",
  skipFirst: "--warmup",
  skipTLS: "--insecure-skip-tls-verify",
  stage: LOAD_STEPS,
  stages: LOAD_STEPS,
  "summary-export": "--output=json=FILE, or --save",
  "summary-trend-stats": LATENCY,
  tag: "--label=KEY=VALUE",
  tags: "--label=KEY=VALUE",
  targets: "--endpoints",
  threads: "--workers",
  time: "--duration",
  type: "--output",
  u_latency: "--output=hgrm, which has both clocks of a run with --rate",
  username: "--user",
  verbose: "errors and notes on standard error, at all times",
  vus: "--clients",
  "warm-up-time": "--warmup",
  "write-out": "--output",
};

const MEANT_SHORT: Readonly<Record<string, string>> = {
  H: NO_HTTP,
  O: "--output (-o)",
  R: "--rate (-r)",
  a: "--user",
  c: "--clients (requests at once) or --conns (connections)",
  d: "--duration (-z)",
  i: "--total (-n)",
  j: "--output=json",
  k: "--insecure-skip-tls-verify",
  m: NO_HTTP,
  p: "--conns (connections) or --clients (requests at once)",
  q: "--rate (requests a second), or --quiet",
  r: "--rate",
  s: LOAD_STEPS,
  t: "--workers (threads) or --timeout",
  u: "--clients",
  v: "--version",
  w: "--workers, or --output for etcdctl's -w",
  x: "--duration",
};

/** All names, for a test that holds them against bench's own flags. */
export const FOREIGN_FLAGS: Readonly<Record<string, string>> = { ...MEANT, ...MEANT_SHORT };

/** As an error names it, dashes included; null for a name that none of them has. */
export function meantByForeign(name: string): string | null {
  const table = name.length === 1 ? MEANT_SHORT : MEANT;
  return Object.hasOwn(table, name) ? table[name]! : null;
}
