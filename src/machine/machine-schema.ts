/** Describes the state of the machine while a run was measured, as results keep it. */
import * as z from "zod";

const nullableNumber = z.number().nullable();

/** All null where the system does not tell. Percentages of CPU are of all CPUs of the machine. */
export const machineSchema = z.object({
  /** Before the measured phase. */
  loadAverage1m: nullableNumber,
  /** Of processes that are neither this client, nor its children, nor the etcd that it measures. */
  otherCpuPercent: nullableNumber,
  idleCpuPercent: nullableNumber,
  stealPercent: nullableNumber,
  /** Of the time, in which some process waited for it (pressure stall information of Linux). */
  cpuPressurePercent: nullableNumber,
  ioPressurePercent: nullableNumber,
  memoryPressurePercent: nullableNumber,
  /** How long the CPU quota of the control group kept threads from running, summed over CPUs. */
  throttledSeconds: nullableNumber,
  /** How long the machine slept. */
  suspendedSeconds: nullableNumber,
});

export type MachineState = z.infer<typeof machineSchema>;
