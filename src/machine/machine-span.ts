/** What a machine has done during a time, and the state of it that follows. Spans of one machine add up. */
import type { MachineState } from "./machine-schema.ts";

/** Seconds all, but the load average; null each where the system does not tell. */
export interface MachineSpan {
  /** Before it. */
  loadAverage1m: number | null;
  elapsedSeconds: number;
  /** Of all CPUs of the machine, as the two that follow. */
  busySeconds: number | null;
  idleSeconds: number | null;
  stealSeconds: number | null;
  /** Of `busySeconds`, what the process that watched and its children took. */
  familySeconds: number | null;
  /** In which some process waited for it. */
  cpuPressureSeconds: number | null;
  ioPressureSeconds: number | null;
  memoryPressureSeconds: number | null;
  throttledSeconds: number | null;
  /** By the clocks of the system, which may differ by little from `elapsedSeconds` where it did not sleep. */
  upSeconds: number | null;
}

/** The clock of the system's sleep counts in steps of 10 ms, and is read shortly after ours. */
const LEAST_SLEEP_SECONDS = 0.5;

/** Of one machine, one after the other. */
export function sumOfSpans(one: MachineSpan, other: MachineSpan): MachineSpan {
  const sum = (of: keyof MachineSpan) => {
    const [first, second] = [one[of], other[of]];
    return first === null || second === null ? null : first + second;
  };
  return {
    loadAverage1m: one.loadAverage1m,
    elapsedSeconds: one.elapsedSeconds + other.elapsedSeconds,
    busySeconds: sum("busySeconds"),
    idleSeconds: sum("idleSeconds"),
    stealSeconds: sum("stealSeconds"),
    familySeconds: sum("familySeconds"),
    cpuPressureSeconds: sum("cpuPressureSeconds"),
    ioPressureSeconds: sum("ioPressureSeconds"),
    memoryPressureSeconds: sum("memoryPressureSeconds"),
    throttledSeconds: sum("throttledSeconds"),
    upSeconds: sum("upSeconds"),
  };
}

/**
 * @param ownSeconds what processes of this measurement took of the machine's CPU: clients and what is
 *   measured are no strangers; null: not known
 */
export function machineStateOf(span: MachineSpan, ownSeconds: number | null): MachineState {
  const { busySeconds, idleSeconds, stealSeconds, elapsedSeconds, upSeconds } = span;
  const all =
    busySeconds === null || idleSeconds === null || stealSeconds === null
      ? 0
      : busySeconds + idleSeconds + stealSeconds;
  const share = (seconds: number | null) =>
    seconds === null || all <= 0 ? null : percent(Math.max(0, seconds), all);
  const pressure = (seconds: number | null) =>
    seconds === null || elapsedSeconds <= 0 ? null : percent(seconds, elapsedSeconds);
  const slept = upSeconds === null ? null : upSeconds - elapsedSeconds;
  return {
    loadAverage1m: span.loadAverage1m,
    otherCpuPercent: share(
      busySeconds === null || ownSeconds === null ? null : busySeconds - ownSeconds,
    ),
    idleCpuPercent: share(idleSeconds),
    stealPercent: share(stealSeconds),
    cpuPressurePercent: pressure(span.cpuPressureSeconds),
    ioPressurePercent: pressure(span.ioPressureSeconds),
    memoryPressurePercent: pressure(span.memoryPressureSeconds),
    throttledSeconds: span.throttledSeconds,
    suspendedSeconds: slept === null ? null : slept < LEAST_SLEEP_SECONDS ? 0 : rounded(slept),
  };
}

function percent(part: number, whole: number): number {
  return rounded(Math.min(100, (part / whole) * 100));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
