/** Owns the flags that say which etcd is measured, and as whom. */
import { def, type FlagSpec, target } from "./flag-spec.ts";

export const ETCD_FLAG: FlagSpec = {
  ...target,
  name: "etcd",
  isText: true,
  describe: "PATH of the etcd binary that a throwaway cluster is started from",
};

export const TARGET_FLAGS: readonly FlagSpec[] = [
  {
    ...target,
    ...def("endpoints"),
    isText: true,
    isList: true,
    describe: "[http(s)://]HOST:PORT,... taken round robin; else $ETCDCTL_ENDPOINTS",
  },
  {
    ...target,
    name: "discovery-srv",
    isText: true,
    describe:
      "DOMAIN whose DNS SRV records name the endpoints (_etcd-client-ssl._tcp, _etcd-client._tcp); else $ETCDCTL_DISCOVERY_SRV",
  },
  {
    ...target,
    name: "discovery-srv-name",
    isText: true,
    describe: "suffix of the service in those records, as etcdctl's",
  },
  { ...target, name: "target-leader", kind: "switch", describe: "use the leader's endpoint alone" },
  {
    ...target,
    name: "metrics-endpoints",
    isText: true,
    isList: true,
    describe: "http(s)://HOST:PORT,... of the members' metrics, where not the client port",
  },
  {
    ...target,
    name: "local",
    kind: "optional",
    bareValue: "1",
    describe: "=1|3|5: start a throwaway etcd of so many members for this run",
  },
  ETCD_FLAG,
  {
    ...target,
    name: "tls",
    kind: "switch",
    describe: "with --local: over TLS, with certificates made for both sides",
  },
  {
    ...target,
    name: "auth",
    kind: "optional",
    bareValue: "simple",
    describe: "=simple|jwt with --local: with authentication on, as a user made for it",
  },
  {
    ...target,
    name: "cacert",
    isText: true,
    describe: "PEM of the authorities to trust; also turns TLS on, as https:// in --endpoints does",
  },
  {
    ...target,
    name: "cert",
    isText: true,
    describe: "PEM of the client's certificate; with --key",
  },
  { ...target, name: "key", isText: true, describe: "PEM of its private key" },
  {
    ...target,
    name: "tls-server-name",
    isText: true,
    describe: "name to expect in the server's certificate, where not the endpoint's host",
  },
  {
    ...target,
    name: "insecure-skip-tls-verify",
    kind: "switch",
    describe: "take any server certificate",
  },
  {
    ...target,
    name: "user",
    isText: true,
    describe: "NAME[:PASSWORD], asked for when missing; else $ETCDCTL_USER, $ETCDCTL_PASSWORD",
  },
  {
    ...target,
    ...def("auto-sync-interval"),
    describe: "as upstream's, without effect: connections stay where they were dealt",
  },
  {
    ...target,
    name: "force",
    kind: "switch",
    describe: "write even if etcd's backend quota cannot hold what the run puts",
  },
];
