/** Owns `bench calibrate`: what this client costs here, against a server that does nothing. */
import { CALIBRATE_DEFAULTS } from "../../plan/defaults.ts";
import type { Command } from "../command.ts";
import type { FlagSpec } from "../flags/flag-spec.ts";

const CALIBRATE_FLAGS: readonly FlagSpec[] = [
  {
    name: "conns",
    kind: "value",
    group: "Load:",
    describe: "connections, of CPU per request and dispatch lag",
    default: CALIBRATE_DEFAULTS.conns,
  },
  {
    name: "clients",
    short: "c",
    kind: "value",
    group: "Load:",
    describe: "clients of the same, each with one request in flight",
    default: CALIBRATE_DEFAULTS.clients,
  },
  {
    name: "workloads",
    kind: "value",
    group: "Load:",
    describe: "all, or put,stm,watch,...: the CPU of these alone, without the other sections",
  },
  {
    name: "etcd-benchmark",
    kind: "value",
    group: "Load:",
    describe:
      "=PATH of etcd's own tool (tools/benchmark of its repository, built), to be measured beside",
  },
  {
    name: "quick",
    kind: "switch",
    group: "Load:",
    describe: "short phases, for a first look: the figures swing",
  },
  {
    name: "output",
    short: "o",
    kind: "value",
    repeatable: true,
    group: "Output:",
    describe: "FORMAT[=FILE]: table or json; to standard output without FILE",
    default: "table",
  },
  { name: "quiet", kind: "switch", group: "Output:", describe: "only results and errors" },
  {
    name: "no-color",
    kind: "switch",
    group: "Output:",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];

export const calibrateCommand: Command = {
  name: "calibrate",
  summary: "Measure what this client itself costs on this machine",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: CALIBRATE_FLAGS,
  examples: [
    [
      "calibrate --quick",
      "CPU per request, dispatch lag and error of percentiles; better figures without --quick",
    ],
    [
      "calibrate --quick --workloads=put --clients=100",
      "one request in flight on each connection: the dearest case, nothing is batched",
    ],
    [
      "calibrate --quick --workloads=stm,watch -o json=calibration.json",
      "the CPU of an operation or an event of other workloads, as figures to keep",
    ],
  ],
  async run(flags) {
    const { runCalibration } = await import("./run-calibration.ts");
    return runCalibration(flags);
  },
};
