/** Names the flag of bench for those of k6, wrk, hey, oha, vegeta, ghz and etcdctl. */

const MEANT: Record<string, string> = {
  cell: "--set or --label; a suite is run whole",
  concurrency: "--clients",
  connections: "--conns",
  "connect-timeout": "--dial-timeout",
  csv: "--output=csv",
  format: "--output",
  html: "--output=html=FILE",
  iterations: "--total",
  json: "--output=json",
  "max-workers": "--workers",
  "no-tui": "--no-progress",
  "out-file": "--output=FORMAT=FILE",
  password: "--user=NAME:PASSWORD, or $ETCDCTL_PASSWORD",
  qps: "--rate",
  requests: "--total",
  rps: "--rate",
  threads: "--workers",
  time: "--duration",
  username: "--user",
  vus: "--clients",
  "write-out": "--output",
};

const MEANT_SHORT: Record<string, string> = {
  c: "--clients (requests at once) or --conns (connections)",
  d: "--duration (-z)",
  i: "--total (-n)",
  q: "--rate (requests a second), or --quiet",
  r: "--rate",
  t: "--workers (threads) or --timeout",
  u: "--clients",
  w: "--workers, or --output for etcdctl's -w",
};

/** As an error names it, dashes included; null for a name that none of them has. */
export function meantByForeign(name: string): string | null {
  const table = name.length === 1 ? MEANT_SHORT : MEANT;
  return Object.hasOwn(table, name) ? table[name]! : null;
}
