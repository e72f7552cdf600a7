/** The flags that say which etcd is measured, and as whom. */
import { MAX_DURATION_MS } from "../units.ts";
import { choice, durationOrNone, list, parsed, text, toggle } from "./vocabulary.ts";

const target = { group: "Target:" } as const;

export const ETCD = text({
  ...target,
  name: "etcd",
  describe: "PATH of the etcd binary for a temporary cluster",
});

export const ENDPOINTS = list({
  ...target,
  name: "endpoints",
  default: "127.0.0.1:2379",
  describe:
    "[http(s)://]HOST:PORT,... of the cluster; connections are spread over them; else $ETCDCTL_ENDPOINTS",
});

export const CLUSTER = parsed(
  {
    ...target,
    name: "cluster",
    describe:
      "[=NAME] of bench cluster start, or =NAME/PROCESS of one member or proxy, in place of --endpoints",
  },
  {
    kind: "optional",
    bareValue: "",
    isText: true,
    parse: (_, name) => name,
    format: (name) => name,
  },
);

export const DISCOVERY_SRV = text({
  ...target,
  name: "discovery-srv",
  describe:
    "DOMAIN whose DNS SRV records name the endpoints (_etcd-client-ssl._tcp, _etcd-client._tcp); else $ETCDCTL_DISCOVERY_SRV",
});

/** What has no meaning next to `--local`, which makes its own. */
export const ACCESS_FLAGS = {
  caFile: text({
    ...target,
    name: "cacert",
    describe: "PEM file of the authorities to trust; turns TLS on, as https:// in --endpoints does",
  }),
  certFile: text({
    ...target,
    name: "cert",
    describe: "PEM file of the client's certificate; needs --key",
  }),
  keyFile: text({ ...target, name: "key", describe: "PEM file of the private key of --cert" }),
  serverName: text({
    ...target,
    name: "tls-server-name",
    describe: "name to expect in the server's certificate, if not the endpoint's host",
  }),
  skipVerify: toggle({
    ...target,
    name: "insecure-skip-tls-verify",
    describe: "accept any server certificate",
  }),
  user: text({
    ...target,
    name: "user",
    describe:
      "NAME[:PASSWORD]; bench asks for a missing password; else $ETCDCTL_USER, $ETCDCTL_PASSWORD",
  }),
};

const DISCOVERY_NAMES = ["discovery-srv", "discovery-srv-name"];
const OWN_ETCD_NAMES = ["local", "etcd", "tls", "auth", "grpc-proxy", "proxied"];
const OTHER_ETCD_NAMES = [
  "cluster",
  "endpoints",
  "metrics-endpoints",
  ...DISCOVERY_NAMES,
  ...Object.values(ACCESS_FLAGS).map(({ name }) => name),
];

/** By the flag that chooses an etcd, the flags of any other etcd: both cannot hold at once. */
export const REPLACED_TARGETS: ReadonlyMap<string, readonly string[]> = new Map([
  ["local", OTHER_ETCD_NAMES],
  ["cluster", [...OWN_ETCD_NAMES, ...OTHER_ETCD_NAMES.filter((name) => name !== "cluster")]],
  ["endpoints", [...OWN_ETCD_NAMES, ...DISCOVERY_NAMES, "cluster"]],
  ["discovery-srv", [...OWN_ETCD_NAMES, "endpoints", "cluster"]],
]);

export const TARGET_FLAGS = {
  endpoints: ENDPOINTS,
  cluster: CLUSTER,
  discoverySrv: DISCOVERY_SRV,
  discoverySrvName: text({
    ...target,
    name: "discovery-srv-name",
    describe: "suffix of the service name in those records, as in etcdctl",
  }),
  leaderOnly: toggle({
    ...target,
    name: "target-leader",
    describe: "connect to the leader only",
  }),
  metricsEndpoints: list({
    ...target,
    name: "metrics-endpoints",
    describe: "http(s)://HOST:PORT,... of the members' metrics, if not the client port",
  }),
  local: choice(
    {
      ...target,
      name: "local",
      describe: "=1|3|5: start a temporary etcd cluster of this many members for the run",
    },
    ["1", "3", "5"],
    { kind: "optional", bareValue: "1", example: "3" },
  ),
  etcd: ETCD,
  tls: toggle({
    ...target,
    name: "tls",
    describe: "with --local: use TLS, with certificates made for both sides",
  }),
  auth: choice(
    {
      ...target,
      name: "auth",
      describe:
        "=simple|jwt with --local: turn authentication on, and log in as a user made for the run",
    },
    ["simple", "jwt"],
    { kind: "optional", bareValue: "simple", example: "jwt" },
  ),
  grpcProxy: toggle({
    ...target,
    name: "grpc-proxy",
    describe: "with --local: through etcd's grpc-proxy, started in front of the members",
  }),
  isProxied: toggle({
    ...target,
    name: "proxied",
    describe:
      "with --local: clients and peers come through fault proxies, for --event='at=5s partition ...' and the like",
  }),
  ...ACCESS_FLAGS,
  autoSyncIntervalMs: durationOrNone({
    ...target,
    name: "auto-sync-interval",
    default: "0",
    max: MAX_DURATION_MS,
    describe:
      "accepted as in upstream's tool, without effect: connections stay with their endpoint",
  }),
  ignoresQuota: toggle({
    ...target,
    name: "force",
    describe: "write even if the writes of the run exceed etcd's backend quota",
  }),
};
