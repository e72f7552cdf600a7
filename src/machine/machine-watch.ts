/** Watches the machine while a run is measured: how much other processes took of its CPUs, and its waits. */
import os from "node:os";
import { throttledSeconds } from "./cgroup.ts";
import { familyCpuSeconds, type MachineCpu, machineCpu } from "./cpu-times.ts";
import type { MachineState } from "./machine-schema.ts";
import { type SystemFiles, systemFiles } from "./system-files.ts";

interface Reading {
  atMs: number;
  cpu: MachineCpu | null;
  familySeconds: number | null;
  pressure: Record<"cpu" | "io" | "memory", number | null>;
  throttledSeconds: number | null;
  upSeconds: number | null;
}

/** The clock of the system's sleep counts in steps of 10 ms, and is read shortly after ours. */
const LEAST_SLEEP_SECONDS = 0.5;

export class MachineWatch {
  readonly #files: SystemFiles;
  readonly #nowMs: () => number;
  readonly #pid: number;
  #loadAverage1m: number | null = null;
  #before: Reading | null = null;
  #after: Reading | null = null;

  constructor(
    files: SystemFiles = systemFiles,
    nowMs: () => number = () => performance.now(),
    pid: number = process.pid,
  ) {
    this.#files = files;
    this.#nowMs = nowMs;
    this.#pid = pid;
  }

  begin(): void {
    this.#loadAverage1m = os.loadavg()[0] ?? null;
    this.#before = this.#read();
  }

  end(): void {
    this.#after = this.#read();
  }

  /** `targetCpuSeconds`: of members on this machine that this process has not started. */
  result(targetCpuSeconds: number): MachineState | null {
    const [before, after] = [this.#before, this.#after];
    if (before === null || after === null) return null;
    const seconds = (after.atMs - before.atMs) / 1e3;
    const pressure = (of: keyof Reading["pressure"]) => {
      const micros = difference(before.pressure[of], after.pressure[of]);
      return micros === null || seconds <= 0 ? null : percent(micros / 1e6, seconds);
    };
    const sleptSeconds = difference(before.upSeconds, after.upSeconds);
    const slept = sleptSeconds === null ? null : sleptSeconds - seconds;
    return {
      loadAverage1m: this.#loadAverage1m,
      ...cpuShares(before, after, targetCpuSeconds),
      cpuPressurePercent: pressure("cpu"),
      ioPressurePercent: pressure("io"),
      memoryPressurePercent: pressure("memory"),
      throttledSeconds: difference(before.throttledSeconds, after.throttledSeconds),
      suspendedSeconds: slept === null ? null : slept < LEAST_SLEEP_SECONDS ? 0 : rounded(slept),
    };
  }

  #read(): Reading {
    const pressure = (of: string) => {
      const total = /^some .*total=(\d+)$/m.exec(this.#files.read(`/proc/pressure/${of}`) ?? "");
      return total === null ? null : Number(total[1]);
    };
    const upTime = Number.parseFloat(this.#files.read("/proc/uptime") ?? "");
    return {
      atMs: this.#nowMs(),
      cpu: machineCpu(this.#files),
      familySeconds: familyCpuSeconds(this.#files, this.#pid),
      pressure: { cpu: pressure("cpu"), io: pressure("io"), memory: pressure("memory") },
      throttledSeconds: throttledSeconds(this.#files),
      upSeconds: Number.isFinite(upTime) ? upTime : null,
    };
  }
}

function cpuShares(
  before: Reading,
  after: Reading,
  targetCpuSeconds: number,
): Pick<MachineState, "otherCpuPercent" | "idleCpuPercent" | "stealPercent"> {
  if (before.cpu === null || after.cpu === null) {
    return { otherCpuPercent: null, idleCpuPercent: null, stealPercent: null };
  }
  const busy = after.cpu.busySeconds - before.cpu.busySeconds;
  const idle = after.cpu.idleSeconds - before.cpu.idleSeconds;
  const steal = after.cpu.stealSeconds - before.cpu.stealSeconds;
  const all = busy + idle + steal;
  const family = difference(before.familySeconds, after.familySeconds);
  const share = (seconds: number) => (all > 0 ? percent(Math.max(0, seconds), all) : null);
  return {
    otherCpuPercent: family === null ? null : share(busy - family - targetCpuSeconds),
    idleCpuPercent: share(idle),
    stealPercent: share(steal),
  };
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

function percent(part: number, whole: number): number {
  return rounded(Math.min(100, (part / whole) * 100));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
