/** `bench calibrate`: what this client costs on this machine, against a server that does nothing. */
import type { Command } from "../command.ts";
import { CALIBRATE_FLAGS } from "./calibrate-flags.ts";

export const calibrateCommand: Command = {
  name: "calibrate",
  summary: "Measure the cost of this client on this machine",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(CALIBRATE_FLAGS),
  examples: [
    [
      "calibrate --quick",
      "CPU per request, dispatch lag and error of percentiles; better figures without --quick",
    ],
    [
      "calibrate --quick --workloads=put --clients=100",
      "one request in flight on each connection: nothing is batched, the most expensive case",
    ],
    [
      "calibrate --quick --workloads=stm,watch -o json=calibration.json",
      "CPU per operation or event of other workloads, as JSON in a file",
    ],
  ],
  async run(flags) {
    const { runCalibration } = await import("./run-calibration.ts");
    return runCalibration(flags);
  },
};
