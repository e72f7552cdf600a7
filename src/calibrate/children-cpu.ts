/** Owns the CPU time of child processes that have ended, which Node does not tell. */
import { readFile } from "node:fs/promises";
import { isSystemError } from "../system-error.ts";

/** /proc counts in USER_HZ, which is 100 wherever Node runs. */
const MICROS_PER_TICK = 10_000;
/** Of the fields behind the name: cutime and cstime of proc_pid_stat(5). */
const CUTIME_FIELD = 13;

/**
 * User and system time of all children that have been waited for, to 10 ms; a child's own share is
 * the difference around it. Null where /proc cannot be read.
 */
export async function endedChildrenCpuMicros(): Promise<number | null> {
  let stat: string;
  try {
    stat = await readFile("/proc/self/stat", "utf8");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
  // The name may hold spaces and parentheses; the last one ends it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[CUTIME_FIELD]) + Number(fields[CUTIME_FIELD + 1]);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/self/stat reads ${JSON.stringify(stat)}`);
  return ticks * MICROS_PER_TICK;
}
