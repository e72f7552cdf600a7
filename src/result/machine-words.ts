/** Says of several runs during how many of them the machine was busy with other things, and how much. */
import { formatNoun } from "../text/noun.ts";
import { type MachineDoubts, machineDoubtsOf } from "./machine-doubts.ts";
import type { RunResult } from "./schema.ts";

/**
 * `other processes took 30% to 89% of this machine's CPU during 4 of 4 runs of base: ...` Of the machine
 * that sent the load, or, of each run of agents, of that of its agents where it was the worst.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function machineTexts(
  runs: readonly Sent[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  const during = (found: number) => `during ${found} of ${formatNoun(runs.length, what)}${of}`;
  const isOfAgents = runs.some(({ client }) => client.agents !== undefined);
  const cpu = isOfAgents ? "the CPU of an agent's machine" : "this machine's CPU";
  const doubts = runs.map(doubtsOf);
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
        `other processes took ${span} of ${cpu} ${when}: their figures are those of a busy machine`,
    ),
    ...clause(
      "leftPercent",
      (percent) => `${percent.toFixed(0)}%`,
      (span, when) =>
        `${span} of ${cpu} was left ${when}, and how much of it other processes took is not known: their figures may be those of a busy machine`,
    ),
    ...clause(
      "stealPercent",
      (percent) => `${percent.toFixed(1)}%`,
      (span, when) => `the hypervisor gave ${span} of ${cpu} to others (steal) ${when}`,
    ),
    ...clause(
      "throttledSeconds",
      (seconds) => `${seconds.toFixed(2)} s`,
      (span, when) =>
        `the CPU quota of the control group kept ${isOfAgents ? "an agent's" : "the client's"} threads from running for ${span} ${when}: raise the quota`,
    ),
    ...clause(
      "suspendedSeconds",
      (seconds) => `${seconds.toFixed(1)} s`,
      (span, when) => `${isOfAgents ? "an agent's" : "the"} machine slept for ${span} ${when}`,
    ),
  ];
}

type Sent = Pick<RunResult, "machine" | "durationSeconds" | "client">;

/** The worst of each, of the machines that sent the load. */
function doubtsOf({ machine, durationSeconds, client: { agents } }: Sent): MachineDoubts {
  const machines = agents === undefined ? [machine] : agents.map((agent) => agent.machine);
  const doubts = machines.flatMap((each) =>
    each === null ? [] : [machineDoubtsOf(each, durationSeconds)],
  );
  const known = (of: keyof MachineDoubts) => doubts.flatMap((each) => each[of] ?? []);
  const most = (of: keyof MachineDoubts) =>
    known(of).toSorted((one, other) => other - one)[0] ?? null;
  const least = (of: keyof MachineDoubts) =>
    known(of).toSorted((one, other) => one - other)[0] ?? null;
  return {
    othersPercent: most("othersPercent"),
    leftPercent: least("leftPercent"),
    stealPercent: most("stealPercent"),
    throttledSeconds: most("throttledSeconds"),
    suspendedSeconds: most("suspendedSeconds"),
  };
}
