/**
 * Prints, as the last line of a test process, the CPU time of the process, of its children and of
 * shared benches that worked for it. It is loaded before the tests, and prints nothing without /proc.
 */
import { isMainThread } from "node:worker_threads";
import { cpuSecondsOfOthers, ownCpuSeconds } from "./cpu-seconds.ts";

// The CPU time of forked processes is part of the parent's.
process.execArgv = process.execArgv.filter((each) => !each.includes(import.meta.url));

process.on("exit", () => {
  const own = isMainThread ? ownCpuSeconds() : null;
  if (own === null) return;
  process.stderr.write(`\ncpu: ${(own + cpuSecondsOfOthers()).toFixed(1)} s\n`);
});
