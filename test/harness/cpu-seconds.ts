/** Reads what this process has cost of the CPU, and counts what others have spent for it. */
import { existsSync, readFileSync } from "node:fs";

const STAT = "/proc/self/stat";
/** Of the kernel's interface to programs, whatever its own clock. */
const TICKS_PER_SEC = 100;

/** Of this process and all that it has waited for; null where there is no /proc. */
export function ownCpuSeconds(): number | null {
  if (!existsSync(STAT)) return null;
  const text = readFileSync(STAT, "utf8");
  // From the state on, since the name may hold anything: utime, stime, cutime and cstime of proc(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return ticks / TICKS_PER_SEC;
}

let spentByOthers = 0;

/** Of a process that is no child of this one. */
export function addCpuSeconds(seconds: number): void {
  spentByOthers += seconds;
}

export function cpuSecondsOfOthers(): number {
  return spentByOthers;
}
