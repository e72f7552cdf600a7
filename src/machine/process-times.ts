/** Reads what a process has used of the CPUs, and how long it waited for one. */
import { cpuQuota, throttledSeconds } from "./cgroup.ts";
import { fieldsOfStat, type SystemFiles } from "./system-files.ts";

/** /proc counts in USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100;
/** Of the fields after the name in proc_pid_stat(5). */
const USER_TIME_FIELD = 11;
const SYSTEM_TIME_FIELD = 12;
const START_FIELD = 19;
const NS_PER_SECOND = 1e9;

/** Since the process started; each is null where the system does not tell it. */
export interface ProcessTimes {
  cpuSeconds: number;
  /** How long its threads could have run and waited for a CPU, summed over threads. */
  runQueueSeconds: number | null;
  /** How often one of its threads got a CPU. */
  timeSlices: number | null;
  /** How long the quota of its control group kept the group from running. */
  throttledSeconds: number | null;
}

/** Null where there is no such process, or the system does not tell. */
export function processTimes(files: SystemFiles, pid: number): ProcessTimes | null {
  const stat = files.read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = fieldsOfStat(stat);
  const ticks = Number(fields[USER_TIME_FIELD]) + Number(fields[SYSTEM_TIME_FIELD]);
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    ...runQueueOf(files, pid),
    throttledSeconds: throttledSeconds(files, pid),
  };
}

/** Those of threads that have ended are not known any more. */
function runQueueOf(
  files: SystemFiles,
  pid: number,
): Pick<ProcessTimes, "runQueueSeconds" | "timeSlices"> {
  let waitedNs = 0;
  let timeSlices = 0;
  let threads = 0;
  for (const thread of files.list(`/proc/${pid}/task`)) {
    // A kernel without scheduler statistics has no such file, or zeros in it.
    const text = files.read(`/proc/${pid}/task/${thread}/schedstat`);
    const [ranNs = 0, waited = 0, slices = 0] = (text ?? "").trim().split(" ").map(Number);
    if (text === null || ranNs === 0) continue;
    waitedNs += waited;
    timeSlices += slices;
    threads++;
  }
  if (threads === 0) return { runQueueSeconds: null, timeSlices: null };
  return { runQueueSeconds: waitedNs / NS_PER_SECOND, timeSlices };
}

/** CPUs that the process may use: of its affinity and its quota; null where the system does not tell. */
export function usableCpus(files: SystemFiles, pid: number): number | null {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(files.read(`/proc/${pid}/status`) ?? "")?.[1];
  if (list === undefined) return null;
  const allowed = list.split(",").reduce((sum, part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
  return Math.min(allowed, cpuQuota(files, pid) ?? Number.POSITIVE_INFINITY);
}

/** How long the process has run: no setting of the clock moves it. Null where the system does not tell. */
export function processAgeSeconds(files: SystemFiles, pid: number): number | null {
  const [own, other] = ["self", pid].map((of) => files.read(`/proc/${of}/stat`));
  if (own == null || other == null) return null;
  const ticks = startTicks(own) - startTicks(other);
  return Math.max(0, process.uptime() + ticks / TICKS_PER_SECOND);
}

/** In seconds since 1970, as `process_start_time_seconds` of a metrics page has it. */
export function processStartSeconds(files: SystemFiles, pid: number): number | null {
  const boot = /^btime (\d+)$/m.exec(files.read("/proc/stat") ?? "")?.[1];
  const stat = files.read(`/proc/${pid}/stat`);
  if (boot === undefined || stat === null) return null;
  return Number(boot) + startTicks(stat) / TICKS_PER_SECOND;
}

/** Since the start of the machine. */
function startTicks(stat: string): number {
  return Number(fieldsOfStat(stat)[START_FIELD]);
}
