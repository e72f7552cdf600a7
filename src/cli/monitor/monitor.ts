/** Declares `bench monitor`: Prometheus and a Grafana dashboard for a cluster and the runs on it. */
import type { Command } from "../command.ts";
import { MONITOR_FLAGS } from "./monitor-flags.ts";

export const monitorCommand: Command = {
  name: "monitor",
  summary:
    "Scrape a cluster and the runs on it by Prometheus, and write a Grafana dashboard of both",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(MONITOR_FLAGS),
  examples: [
    [
      "monitor --cluster=default",
      "until Ctrl-C; bench put --cluster --metrics-listen is seen there",
    ],
    ["monitor --endpoints=10.0.0.1:2379 --files-only", "the files for a Prometheus of your own"],
  ],
  async run(flags) {
    const { runMonitor } = await import("./run-monitor.ts");
    return runMonitor(flags);
  },
};
