/** Says of several runs during how many of them the machine was busy with other things, and how much. */
import { formatNoun } from "../text/noun.ts";
import { type MachineDoubts, machineDoubtsOf } from "./machine-doubts.ts";
import type { RunResult } from "./schema.ts";

/**
 * `other processes took 30% to 89% of this machine's CPU during 4 of 4 runs of base: ...` Of the machine
 * that sent the load; runs of agents tell of theirs by themselves.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function machineTexts(
  runs: readonly Pick<RunResult, "machine" | "durationSeconds" | "client">[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  const during = (found: number) => `during ${found} of ${formatNoun(runs.length, what)}${of}`;
  const doubts = runs.flatMap(({ machine, durationSeconds, client }) =>
    machine === null || client.agents !== undefined
      ? []
      : [machineDoubtsOf(machine, durationSeconds)],
  );
  const clause = (
    figure: keyof MachineDoubts,
    unit: (value: number) => string,
    words: (span: string, during: string) => string,
  ) => {
    const found = doubts.flatMap(({ [figure]: value }) => (value === null ? [] : [value]));
    if (found.length === 0) return [];
    const [least, most] = [unit(Math.min(...found)), unit(Math.max(...found))];
    const span = least === most ? least : `${least} to ${most}`;
    return [`${words(span, during(found.length))}.`];
  };
  return [
    ...clause(
      "othersPercent",
      (percent) => `${percent.toFixed(0)}%`,
      (span, when) =>
        `other processes took ${span} of this machine's CPU ${when}: their figures are those of a busy machine`,
    ),
    ...clause(
      "stealPercent",
      (percent) => `${percent.toFixed(1)}%`,
      (span, when) => `the hypervisor gave ${span} of this machine's CPU to others (steal) ${when}`,
    ),
    ...clause(
      "throttledSeconds",
      (seconds) => `${seconds.toFixed(2)} s`,
      (span, when) =>
        `the CPU quota of the control group kept the client's threads from running for ${span} ${when}: raise the quota`,
    ),
    ...clause(
      "suspendedSeconds",
      (seconds) => `${seconds.toFixed(1)} s`,
      (span, when) => `the machine slept for ${span} ${when}`,
    ),
  ];
}
