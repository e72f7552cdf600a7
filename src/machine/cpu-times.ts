/** Reads how much CPU time the machine has spent, and how much of it this process and its children. */
import type { SystemFiles } from "./system-files.ts";

/** /proc counts in USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100;
/** Of the fields after the name in proc_pid_stat(5). */
const PARENT_FIELD = 1;
const FIRST_TIME_FIELD = 11;
/** utime, stime, cutime and cstime. */
const TIME_FIELDS = 4;

/** Seconds since the machine started, of all its CPUs. */
export interface MachineCpu {
  busySeconds: number;
  idleSeconds: number;
  /** What the hypervisor gave to others while this machine had work. */
  stealSeconds: number;
}

export function machineCpu(files: SystemFiles): MachineCpu | null {
  const line = /^cpu +(.*)$/m.exec(files.read("/proc/stat") ?? "")?.[1];
  if (line === undefined) return null;
  const ticks = line.trim().split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = ticks;
  return {
    // Guests' time is in user time already.
    busySeconds: (user + nice + system + irq + soft) / TICKS_PER_SECOND,
    idleSeconds: (idle + wait) / TICKS_PER_SECOND,
    stealSeconds: steal / TICKS_PER_SECOND,
  };
}

/** Of the process, its descendants (such as a throwaway etcd), and those that have ended. */
export function familyCpuSeconds(files: SystemFiles, ownPid: number): number | null {
  const parents = new Map<number, number>();
  const seconds = new Map<number, number>();
  for (const name of files.list("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = files.read(`/proc/${name}/stat`);
    if (stat === null) continue;
    // The name may hold spaces and parentheses; the last one ends it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    parents.set(pid, Number(fields[PARENT_FIELD]));
    const times = fields.slice(FIRST_TIME_FIELD, FIRST_TIME_FIELD + TIME_FIELDS);
    seconds.set(pid, times.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND);
  }
  if (!seconds.has(ownPid)) return null;
  let total = 0;
  for (const [pid, own] of seconds) if (isOfFamily(pid, ownPid, parents)) total += own;
  return total;
}

function isOfFamily(pid: number, ownPid: number, parents: ReadonlyMap<number, number>): boolean {
  let at: number | undefined = pid;
  // Processes come and go while they are read: no chain is longer than their number.
  for (let steps = parents.size; at !== undefined && steps >= 0; steps--) {
    if (at === ownPid) return true;
    at = parents.get(at);
  }
  return false;
}
