/**
 * Loaded into each test process before its tests: as its last line it prints the CPU that it took,
 * together with all that it started and waited for. Nothing where there is no /proc.
 */
import { existsSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const STAT = "/proc/self/stat";
/** Of the kernel's interface to programs, whatever its own clock. */
const TICKS_PER_SEC = 100;

// What the tests fork is counted with its parent.
process.execArgv = process.execArgv.filter((each) => !each.includes(import.meta.url));

process.on("exit", () => {
  if (!isMainThread || !existsSync(STAT)) return;
  const text = readFileSync(STAT, "utf8");
  // From the state on, since the name may hold anything: utime, stime, cutime and cstime of proc(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  process.stderr.write(`\ncpu: ${(ticks / TICKS_PER_SEC).toFixed(1)} s\n`);
});
