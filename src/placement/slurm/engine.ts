/** Places agents by Slurm: a batch job whose tasks are the agents. */
import { flagError } from "../../errors.ts";
import { count, repeated, text, toggle } from "../../flags/vocabulary.ts";
import type { PlacementEngine } from "../engine.ts";
import { NODE } from "../shared-flags.ts";

const agents = { group: "Agents:" } as const;
const MOST_TASKS = 10_000;
/** Of an agent's name, which has 64 characters at most with the number of its task. */
const MOST_PREFIX = 64 - `-${MOST_TASKS - 1}`.length;

export const SLURM_FLAGS = {
  slurm: toggle({
    ...agents,
    name: "slurm",
    describe: "start the agents as tasks of a job of Slurm",
  }),
  tasks: count({
    ...agents,
    name: "ntasks",
    max: MOST_TASKS,
    example: "4",
    shownDefault: "one for each of --nodes",
    describe: "with --slurm: number of agents",
  }),
  nodes: count({
    ...agents,
    name: "nodes",
    max: MOST_TASKS,
    example: "2",
    shownDefault: "as many as Slurm takes",
    describe: "with --slurm: number of nodes",
  }),
  partition: text({ ...agents, name: "partition", describe: "with --slurm: PARTITION of the job" }),
  options: repeated<string>(
    {
      ...agents,
      name: "slurm-option",
      describe: "OPTION of sbatch without its dashes, such as time=2:00:00; may be repeated",
    },
    { isText: true, parse: readOption, format: (value) => value },
  ),
  node: NODE,
  slurmFolder: text({
    ...agents,
    name: "slurm-folder",
    shownDefault: "that of the group's state",
    describe: "FOLDER that this machine and the nodes share, for the program, join file and logs",
  }),
};

export interface SlurmPlan {
  /** Of this start alone: by it the job is found again. */
  readonly jobName: string;
  /** Names of the agents have it before their number. */
  readonly prefix: string;
  readonly tasks: number;
  readonly nodes: number | null;
  readonly partition: string | null;
  readonly options: readonly string[];
  readonly node: string;
  /** Whether there may be a job. */
  readonly isSubmitted: boolean;
  /** The job's own; null: in the placement's folder. */
  readonly folder: string | null;
}

export const slurmEngine: PlacementEngine<typeof SLURM_FLAGS, SlurmPlan> = {
  name: "slurm",
  flags: SLURM_FLAGS,
  plan({ tasks, nodes, partition, options, node, slurmFolder }, { name, id }) {
    if (slurmFolder !== null && !slurmFolder.startsWith("/")) {
      throw flagError(
        "slurm-folder",
        `--slurm-folder=${slurmFolder}: it is not absolute, and a node may be in another folder; give one such as /shared/me`,
      );
    }
    if (tasks !== null && nodes !== null && tasks < nodes) {
      throw flagError(
        "ntasks",
        `--ntasks=${tasks}: each of ${nodes} nodes needs an agent; give at least ${nodes}, or fewer --nodes`,
      );
    }
    const jobName = `etcd-bench-agents-${id}`;
    return {
      ...{ jobName, tasks: tasks ?? nodes ?? 1, nodes, partition, options },
      prefix: name.slice(0, MOST_PREFIX),
      ...{ node, isSubmitted: true },
      folder: slurmFolder === null ? null : `${slurmFolder.replace(/\/+$/, "")}/${jobName}`,
    };
  },
  async actions() {
    return (await import("./actions.ts")).slurmActions;
  },
};

function readOption(flag: string, given: string): string {
  const option = given.replace(/^--/, "");
  if (/^[a-z][a-z-]*(=|$)/.test(option)) return option;
  throw flagError(
    "slurm-option",
    `${flag}: ${JSON.stringify(given)} is no long option of sbatch; give its name and value, e.g. ${flag}=time=2:00:00`,
  );
}
