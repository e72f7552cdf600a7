/** Finds what the state of the client's machine may have done to a run's figures. */
import type { MachineState } from "../machine/machine-schema.ts";

/** Others that take so much of a machine with so little to spare take it from the run. */
const OTHERS_PERCENT = 10;
const SPARE_PERCENT = 30;
const STEAL_PERCENT = 2;
/** Of the measured time. */
const THROTTLED_SHARE = 0.01;

/** Null each where it was not in the way, or is not known. */
export interface MachineDoubts {
  /** Of the CPU, that other processes took. */
  othersPercent: number | null;
  /** Of the CPU, that was left, where it is little and what other processes took is not known. */
  leftPercent: number | null;
  stealPercent: number | null;
  throttledSeconds: number | null;
  suspendedSeconds: number | null;
}

export function machineDoubtsOf(machine: MachineState, measuredSeconds: number): MachineDoubts {
  const others = machine.otherCpuPercent ?? 0;
  const { idleCpuPercent } = machine;
  const isFull = (idleCpuPercent ?? 100) < SPARE_PERCENT;
  const isBusy = others >= OTHERS_PERCENT && isFull;
  const { stealPercent, throttledSeconds, suspendedSeconds } = machine;
  const leastThrottled = measuredSeconds * THROTTLED_SHARE;
  return {
    othersPercent: isBusy ? others : null,
    leftPercent: isFull && machine.otherCpuPercent === null ? idleCpuPercent : null,
    stealPercent: (stealPercent ?? 0) >= STEAL_PERCENT ? stealPercent : null,
    throttledSeconds: (throttledSeconds ?? 0) > leastThrottled ? throttledSeconds : null,
    suspendedSeconds: (suspendedSeconds ?? 0) > 0 ? suspendedSeconds : null,
  };
}
