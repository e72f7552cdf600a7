/** Says what the state of the client's machine may have done to a run's figures. */
import type { MachineState } from "../machine/machine-schema.ts";
import { isLocalEndpoint } from "../result/local-endpoint.ts";
import type { RunResult } from "../result/schema.ts";

/** Others that take so much of a machine with so little to spare take it from the run. */
const OTHERS_PERCENT = 10;
const SPARE_PERCENT = 30;
const STEAL_PERCENT = 2;
/** Of the measured time. */
const THROTTLED_SHARE = 0.01;

/** A sentence for each; none where nothing was in the way, or nothing is known. */
export function machineDoubts(machine: MachineState | null, measuredSeconds: number): string[] {
  if (machine === null) return [];
  const doubts: string[] = [];
  const { otherCpuPercent, idleCpuPercent, loadAverage1m } = machine;
  const others = otherCpuPercent ?? 0;
  if (others >= OTHERS_PERCENT && (idleCpuPercent ?? 100) < SPARE_PERCENT) {
    doubts.push(
      `Other processes took ${others.toFixed(0)}% of this machine's CPU during the measurement, ` +
        `and ${(idleCpuPercent ?? 0).toFixed(0)}% was left` +
        `${loadAverage1m === null ? "" : ` (load average before it: ${loadAverage1m.toFixed(1)})`}: ` +
        "the figures are those of a busy machine.",
    );
  }
  const { stealPercent, throttledSeconds, suspendedSeconds } = machine;
  if ((stealPercent ?? 0) >= STEAL_PERCENT) {
    doubts.push(
      `The hypervisor gave ${stealPercent!.toFixed(1)}% of this machine's CPU to others during the ` +
        "measurement (steal).",
    );
  }
  if ((throttledSeconds ?? 0) > measuredSeconds * THROTTLED_SHARE) {
    doubts.push(
      `The CPU quota of the control group kept this client's threads from running for ` +
        `${throttledSeconds!.toFixed(2)} s: raise the quota.`,
    );
  }
  if ((suspendedSeconds ?? 0) > 0) {
    doubts.push(`The machine slept for ${suspendedSeconds!.toFixed(1)} s during the measurement.`);
  }
  return doubts;
}

/** A note where threads outnumber the CPUs that they may use; null where they have enough. */
export function tooManyWorkers(workers: number, cpusAvailable: number | null): string | null {
  if (cpusAvailable === null || workers <= Math.max(1, cpusAvailable)) return null;
  return (
    `--workers=${workers} is more than the ${cpusAvailable === 1 ? "one CPU that is" : `${cpusAvailable} CPUs that are`} available to this client: ` +
    "its threads take CPU from each other, and their latencies include the wait; lower --workers."
  );
}

/**
 * CPU seconds of members that run on this machine and are no children of this process, by their own
 * metrics: what is measured is no stranger.
 */
export function targetCpuSeconds(plan: RunResult["plan"], server: RunResult["server"]): number {
  if (plan.target.local !== null) return 0;
  return server
    .filter(({ endpoint }) => isLocalEndpoint(endpoint))
    .reduce((sum, { cpuSeconds }) => sum + (cpuSeconds ?? 0), 0);
}
