/** The flags of `bench calibrate`. */
import { CLIENTS, CONNS } from "../../flags/load.ts";
import { NO_COLOR, QUIET } from "../../flags/output.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { count, list, text, toggle } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";

const load = { group: "Load:" } as const;

/** Both ends of every connection are on this machine. */
const MAX_CONNECTIONS = 10_000;

const MAX_CLIENTS = 100_000;

/** Defaults are the load that the published figures were taken under. */
export const CALIBRATE_FLAGS = {
  connections: count({
    ...load,
    name: CONNS.name,
    default: "100",
    max: MAX_CONNECTIONS,
    describe: "number of connections, for CPU per request and dispatch lag",
  }),
  clients: count({
    ...load,
    name: CLIENTS.name,
    short: "c",
    default: "1000",
    max: MAX_CLIENTS,
    describe: "number of clients, each with one request in flight, for the same",
  }),
  workloads: list({
    ...load,
    name: "workloads",
    describe: "all, or put,stm,watch,...: measure the CPU of these workloads only",
  }),
  etcdBenchmark: text({
    ...load,
    name: "etcd-benchmark",
    describe:
      "=PATH of etcd's own tool (tools/benchmark of its repository, built): measure it, too",
  }),
  isQuick: toggle({
    ...load,
    name: "quick",
    describe: "use short phases, for a first look: figures vary more",
  }),
  metricsListen: STREAM_FLAGS.metricsListen,
  output: outputFlag(["table", "json"], { streams: true, sectionOnly: true }),
  quiet: QUIET,
  noColor: NO_COLOR,
};
