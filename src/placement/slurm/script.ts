/** Makes the batch script and the arguments of sbatch, and reads what squeue prints. */
import { shellQuoted } from "../../shell-words.ts";
import type { SlurmPlan } from "./engine.ts";

export const PROGRAM_FILE = "bench.cjs";
export const JOIN_FILE = "join.json";
export const JOB_LOG = "job.log";
export const taskLog = (task: number) => `agent-${task}.log`;
/** Has the name of the node of an agent. */
export const taskNode = (task: number) => `agent-${task}.node`;
/** Has the exit code of an agent that has ended. */
export const taskEnd = (task: number) => `agent-${task}.ended`;

/** What squeue prints of a job: state, reason, nodes. */
export const SQUEUE_FORMAT = "%T|%r|%N";

export interface Job {
  state: string;
  reason: string;
  nodes: string;
}

/**
 * What runs on the job's first node: srun starts a task for each agent. How an agent ended is written down,
 * since the job goes on until all have.
 * @param folder the job's own, which the nodes share
 */
export function batchScript(
  { node, prefix }: Pick<SlurmPlan, "node" | "prefix">,
  folder: string,
  workers: number | null,
): string {
  const workersFlag = workers === null ? "" : ` --workers=${workers}`;
  const task =
    `cd "$1" && echo "$SLURMD_NODENAME" >"agent-$SLURM_PROCID.node" && "$2" ./${PROGRAM_FILE} agent --join=${JOIN_FILE} --name="$3-$SLURM_PROCID"${workersFlag}; ` +
    `echo $? >"agent-$SLURM_PROCID.ended"`;
  const log = inPattern(`${folder}/agent-`);
  return [
    "#!/bin/sh",
    `exec srun --kill-on-bad-exit=0 --input=none --output=${shellQuoted(`${log}%t.log`)} \\`,
    `  sh -c ${shellQuoted(task)} bench ${[folder, node, prefix].map(shellQuoted).join(" ")}`,
    "",
  ].join("\n");
}

/** The script comes over standard input. */
export function sbatchArguments(
  { jobName, tasks, nodes, partition, options }: SlurmPlan,
  folder: string,
  workers: number | null,
): string[] {
  return [
    ...[`--job-name=${jobName}`, `--ntasks=${tasks}`, "--parsable", "--input=/dev/null"],
    `--output=${inPattern(`${folder}/${JOB_LOG}`)}`,
    // No variable of the user's with a secret; nothing that is compiled is left in the home folder.
    "--export=PATH,HOME,NODE_DISABLE_COMPILE_CACHE=1",
    ...(nodes === null ? [] : [`--nodes=${nodes}`]),
    ...(workers === null ? [] : [`--cpus-per-task=${workers}`]),
    ...(partition === null ? [] : [`--partition=${partition}`]),
    ...options.map((option) => `--${option}`),
  ];
}

/** Null: there is no such job any more. */
export function jobIn(output: string): Job | null {
  const line = output.split("\n").find((each) => each.includes("|"));
  if (line === undefined) return null;
  const [state = "", reason = "", nodes = ""] = line.trim().split("|");
  return { state, reason, nodes };
}

/** In a file's name Slurm puts in what comes after a percent sign. */
function inPattern(path: string): string {
  return path.replaceAll("%", "%%");
}
