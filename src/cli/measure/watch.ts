/** Owns `bench watch` and `bench watch-latency`: how soon, and how many, events reach watchers. */
import type { WatchCommand } from "../../plan/workload/watch-defaults.ts";
import type { Command } from "../command.ts";
import { WATCH_COMMAND_FLAGS, WATCH_LATENCY_COMMAND_FLAGS } from "./watch-flags.ts";

export const watchCommand: Command = {
  name: "watch",
  summary: "Measure the creation of watchers, and the delivery of events to them",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: WATCH_COMMAND_FLAGS,
  examples: [
    ["watch --local", "1,000 watchers over 10 streams, and 1,000 puts of the key they watch"],
    [
      "watch --local --conns=10 --streams=50 --watch-per-stream=20",
      "each put makes 1,000 events, which come over 50 streams and 10 connections",
    ],
  ],
  run: runnerOf("watch"),
};

export const watchLatencyCommand: Command = {
  name: "watch-latency",
  summary: "Measure the delay of events at a steady rate of puts",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: WATCH_LATENCY_COMMAND_FLAGS,
  examples: [
    ["watch-latency --local --put-total=200", "100 watchers of one key, 100 puts per second"],
    [
      "watch-latency --local --put-rate=200 --put-total=200 --prevkv",
      "events that carry the value before, too",
    ],
  ],
  run: runnerOf("watch-latency"),
};

function runnerOf(command: WatchCommand): Command["run"] {
  return async (flags) => {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command, flags }, flags);
  };
}
