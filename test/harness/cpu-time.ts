/**
 * Loaded into each test process before its tests: as its last line it prints the CPU that it took,
 * together with all that it started and waited for, and what benches that it shares with others took
 * for it. Nothing where there is no /proc.
 */
import { isMainThread } from "node:worker_threads";
import { cpuSecondsOfOthers, ownCpuSeconds } from "./cpu-seconds.ts";

// What the tests fork is counted with its parent.
process.execArgv = process.execArgv.filter((each) => !each.includes(import.meta.url));

process.on("exit", () => {
  const own = isMainThread ? ownCpuSeconds() : null;
  if (own === null) return;
  process.stderr.write(`\ncpu: ${(own + cpuSecondsOfOthers()).toFixed(1)} s\n`);
});
