/** Says what the state of the client's machine may have done to a run's figures. */
import type { MachineState } from "../machine/machine-schema.ts";
import { machineDoubtsOf } from "../result/machine-doubts.ts";
import type { RunResult } from "../result/schema.ts";

/** What sentences call a machine that sends load. */
export interface MachineWords {
  machine: string;
  cpu: string;
  threads: string;
}

export const THIS_MACHINE: MachineWords = {
  machine: "The machine",
  cpu: "this machine's CPU",
  threads: "this client's threads",
};

/** A sentence for each; none where nothing was in the way, or nothing is known. */
export function machineDoubts(
  machine: MachineState | null,
  measuredSeconds: number,
  words = THIS_MACHINE,
): string[] {
  if (machine === null) return [];
  const doubts: string[] = [];
  const { idleCpuPercent, loadAverage1m } = machine;
  const found = machineDoubtsOf(machine, measuredSeconds);
  const { othersPercent, leftPercent, stealPercent, throttledSeconds, suspendedSeconds } = found;
  const before =
    loadAverage1m === null ? "" : ` (load average before it: ${loadAverage1m.toFixed(1)})`;
  if (othersPercent !== null) {
    doubts.push(
      `Other processes took ${othersPercent.toFixed(0)}% of ${words.cpu} during the measurement, ` +
        `and ${(idleCpuPercent ?? 0).toFixed(0)}% was left${before}: ` +
        "the figures are those of a busy machine.",
    );
  }
  if (leftPercent !== null) {
    doubts.push(
      `${leftPercent.toFixed(0)}% of ${words.cpu} was left during the measurement${before}, and how ` +
        "much of it other processes took is not known: the figures may be those of a busy machine.",
    );
  }
  if (stealPercent !== null) {
    doubts.push(
      `The hypervisor gave ${stealPercent.toFixed(1)}% of ${words.cpu} to others during the ` +
        "measurement (steal).",
    );
  }
  if (throttledSeconds !== null) {
    doubts.push(
      `The CPU quota of the control group kept ${words.threads} from running for ` +
        `${throttledSeconds.toFixed(2)} s: raise the quota.`,
    );
  }
  if (suspendedSeconds !== null) {
    doubts.push(
      `${words.machine} slept for ${suspendedSeconds.toFixed(1)} s during the measurement.`,
    );
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
 * CPU seconds of the members that run on a machine and are no children of this process, by their own
 * metrics: what is measured is no stranger. Null where one of them does not tell.
 */
export function targetCpuSeconds(
  plan: RunResult["plan"],
  server: RunResult["server"],
  isThere: (endpoint: string) => boolean,
): number | null {
  if (plan.target.local !== null) return 0;
  let sum = 0;
  for (const { endpoint, cpuSeconds } of server) {
    if (!isThere(endpoint)) continue;
    if (cpuSeconds === null) return null;
    sum += cpuSeconds;
  }
  return sum;
}
