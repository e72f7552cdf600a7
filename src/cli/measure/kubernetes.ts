/** Owns `bench kubernetes`: what the API server of a cluster sends to etcd. */
import { KUBERNETES_DEFAULTS } from "../../plan/workload/kubernetes-defaults.ts";
import type { Command } from "../command.ts";
import { def, type FlagSpec, workload } from "../flags/flag-spec.ts";
import { CLEANUP_FLAG } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const OWN_DEFAULTS: Partial<Record<string, string>> = {
  clients: `${KUBERNETES_DEFAULTS.clients}, with relist ${KUBERNETES_DEFAULTS.relistClients}`,
  duration: KUBERNETES_DEFAULTS.duration,
  rate: "by nodes and pods",
};

const OWN: readonly FlagSpec[] = [
  {
    ...workload,
    ...def("scenario"),
    describe:
      "steady|job-storm|relist|events: a cluster at rest; pods that come, are updated twice and go; " +
      "full lists beside writes; events until their leases expire",
  },
  { ...workload, ...def("nodes"), describe: "each with a lease that is renewed every 10 s" },
  {
    ...workload,
    name: "pods",
    default: "30 a node",
    describe: "put before the clock starts, with their namespaces (of 100) and services (of 20)",
  },
  {
    ...workload,
    ...def("pod-size"),
    describe: "bytes; pods have from two thirds to four thirds of it",
  },
  {
    ...workload,
    ...def("conflict-rate"),
    describe:
      "share of updates and deletes of nodes, pods and endpoints that are sent with an old revision first",
  },
  {
    ...workload,
    name: "mix",
    default: "by nodes and pods",
    describe:
      "weights of requests in its place, e.g. pod-update=9,pod-get=1; each is a row of the report",
  },
  {
    ...workload,
    ...def("relists"),
    describe: "with relist: clients that list all pods again and again, in pages of 10,000",
  },
  {
    ...workload,
    name: "event-ttl",
    default: KUBERNETES_DEFAULTS.eventTtl,
    describe: "time to live of events; 4s with the scenario events",
  },
  {
    ...workload,
    name: "compact-interval",
    default: KUBERNETES_DEFAULTS.compactInterval,
    describe: "how often the API server compacts, to the revision of one interval ago",
  },
  {
    ...workload,
    name: "prefix",
    isText: true,
    default: KUBERNETES_DEFAULTS.prefix,
    describe: "before /registry/ in every key; what an earlier run has left there is deleted first",
  },
  CLEANUP_FLAG,
];

/** Compactions are the API server's: those of other commands have no place beside them. */
const LEFT_OUT: readonly string[] = ["compact-interval", "compact-index-delta"];

const FLAGS = writingFlags(OWN)
  .filter((spec) => OWN.includes(spec) || !LEFT_OUT.includes(spec.name))
  .map((spec) => {
    const text = OWN_DEFAULTS[spec.name];
    return text === undefined ? spec : { ...spec, default: text };
  });

export const kubernetesCommand: Command = {
  name: "kubernetes",
  summary: "Measure the requests of a Kubernetes API server, with its watches, by size of cluster",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    [
      "kubernetes --local --nodes=50 --duration=10s",
      "50 nodes and 1,500 pods at rest: leases, status updates, lists, events",
    ],
    [
      "kubernetes --local --scenario=job-storm --nodes=50 --duration=10s --conflict-rate=20%",
      "25 jobs a second, four watches of each resource, every fifth update out of date at first",
    ],
    [
      "kubernetes --local --scenario=events --nodes=50 --duration=5s",
      "events on shared leases, and then the wave of their expiry",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "kubernetes", flags }, flags);
  },
};
