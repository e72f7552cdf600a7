/** Reads the CPU time of this process, and adds the CPU time that others used for it. */
import { existsSync, readFileSync } from "node:fs";

const STAT = "/proc/self/stat";
/** Clock ticks of /proc, which do not depend on the kernel's own tick rate. */
const TICKS_PER_SEC = 100;

/** CPU time of this process and of all children that it waited for; null without /proc. */
export function ownCpuSeconds(): number | null {
  if (!existsSync(STAT)) return null;
  const text = readFileSync(STAT, "utf8");
  // Fields after the name, which may hold any character: utime, stime, cutime and cstime of proc(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return ticks / TICKS_PER_SEC;
}

let spentByOthers = 0;

/** Adds the CPU time of a process that is not a child of this one. */
export function addCpuSeconds(seconds: number): void {
  spentByOthers += seconds;
}

export function cpuSecondsOfOthers(): number {
  return spentByOthers;
}
