/** Reads how much CPU time the machine has spent, and how much of it this process and its children. */
import { fieldsOfStat, type SystemFiles } from "./system-files.ts";

/** /proc counts in USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100;
/** Of the fields after the name in proc_pid_stat(5). */
const PARENT_FIELD = 1;
const FIRST_TIME_FIELD = 11;
/** utime, stime, cutime and cstime. */
const TIME_FIELDS = 4;
const FIRST_CHILD_FIELD = 2;

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
  const family = descendants(files, ownPid) ?? descendantsByParent(files, ownPid);
  const own = statFields(files, ownPid);
  if (own === null) return null;
  let ticks = timeTicks(own);
  for (const pid of family) {
    const fields = statFields(files, pid);
    if (fields !== null) ticks += timeTicks(fields);
  }
  return ticks / TICKS_PER_SECOND;
}

/**
 * Of all children of the process that it has waited for, to 10 ms: a child's own share is the
 * difference around it.
 */
export function endedChildrenCpuSeconds(files: SystemFiles, ownPid: number): number | null {
  const own = statFields(files, ownPid);
  return own === null ? null : timeTicks(own, FIRST_CHILD_FIELD) / TICKS_PER_SECOND;
}

/** Null where the kernel does not list children, as some are built; no other process is read. */
function descendants(files: SystemFiles, pid: number): number[] | null {
  const found: number[] = [];
  const threads = files.list(`/proc/${pid}/task`);
  if (threads.length === 0) return null;
  for (const thread of threads) {
    const children = files.read(`/proc/${pid}/task/${thread}/children`);
    // A thread that has ended meanwhile is no sign of such a kernel, but the first never ends.
    if (children === null && Number(thread) === pid) return null;
    for (const child of (children ?? "").trim().split(" ")) {
      if (child === "") continue;
      found.push(Number(child), ...(descendants(files, Number(child)) ?? []));
    }
  }
  return found;
}

/** Of all processes, those whose chain of parents leads to this one. */
function descendantsByParent(files: SystemFiles, ownPid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of files.list("/proc")) {
    const fields = Number.isInteger(Number(name)) ? statFields(files, Number(name)) : null;
    if (fields !== null) parents.set(Number(name), Number(fields[PARENT_FIELD]));
  }
  return [...parents.keys()].filter((pid) => pid !== ownPid && isOfFamily(pid, ownPid, parents));
}

function statFields(files: SystemFiles, pid: number): string[] | null {
  const stat = files.read(`/proc/${pid}/stat`);
  return stat === null ? null : fieldsOfStat(stat);
}

function timeTicks(fields: readonly string[], first = 0): number {
  const times = fields.slice(FIRST_TIME_FIELD + first, FIRST_TIME_FIELD + TIME_FIELDS);
  return times.reduce((sum, ticks) => sum + Number(ticks), 0);
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
