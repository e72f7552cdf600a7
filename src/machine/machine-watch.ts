/** Watches the machine while a run is measured: how much other processes took of its CPUs, and its waits. */
import os from "node:os";
import { throttledSeconds } from "./cgroup.ts";
import { familyCpuSeconds, type MachineCpu, machineCpu } from "./cpu-times.ts";
import type { MachineState } from "./machine-schema.ts";
import { type MachineSpan, machineStateOf } from "./machine-span.ts";
import { type SystemFiles, systemFiles } from "./system-files.ts";

interface Reading {
  atMs: number;
  cpu: MachineCpu | null;
  familySeconds: number | null;
  pressure: Record<"cpu" | "io" | "memory", number | null>;
  throttledSeconds: number | null;
  upSeconds: number | null;
}

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
    this.#after = null;
  }

  end(): void {
    this.#after = this.#read();
  }

  /** Null where it was not watched from begin to end. */
  get span(): MachineSpan | null {
    const [before, after] = [this.#before, this.#after];
    if (before === null || after === null) return null;
    const cpu = (of: keyof MachineCpu) =>
      difference(before.cpu?.[of] ?? null, after.cpu?.[of] ?? null);
    const pressure = (of: keyof Reading["pressure"]) =>
      difference(before.pressure[of], after.pressure[of]);
    return {
      loadAverage1m: this.#loadAverage1m,
      elapsedSeconds: (after.atMs - before.atMs) / 1e3,
      busySeconds: cpu("busySeconds"),
      idleSeconds: cpu("idleSeconds"),
      stealSeconds: cpu("stealSeconds"),
      familySeconds: difference(before.familySeconds, after.familySeconds),
      cpuPressureSeconds: pressure("cpu"),
      ioPressureSeconds: pressure("io"),
      memoryPressureSeconds: pressure("memory"),
      throttledSeconds: difference(before.throttledSeconds, after.throttledSeconds),
      upSeconds: difference(before.upSeconds, after.upSeconds),
    };
  }

  /** `targetCpuSeconds`: of members on this machine that this process has not started; null: not known. */
  result(targetCpuSeconds: number | null): MachineState | null {
    const { span } = this;
    if (span === null) return null;
    const { familySeconds } = span;
    const isKnown = familySeconds !== null && targetCpuSeconds !== null;
    return machineStateOf(span, isKnown ? familySeconds + targetCpuSeconds : null);
  }

  #read(): Reading {
    const pressure = (of: string) => {
      const total = /^some .*total=(\d+)$/m.exec(this.#files.read(`/proc/pressure/${of}`) ?? "");
      return total === null ? null : Number(total[1]) / 1e6;
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

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}
