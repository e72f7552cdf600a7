/** Carries out `bench cluster stop|restart|kill|pause|resume`. */
import { EXIT, usageError } from "../../errors.ts";
import { askMembers, processState } from "../../etcd/named-cluster/cluster-status.ts";
import type { NamedCluster } from "../../etcd/named-cluster/named-cluster.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { NAME_FLAGS } from "./cluster-flags.ts";
import { openMember } from "./open-cluster.ts";

/** What was done, by the name of the command. */
const DONE: Record<string, (cluster: NamedCluster, member: string) => Promise<string>> = {
  async stop(cluster, name) {
    await cluster.stop(name);
    return "stopped";
  },
  async restart(cluster, name) {
    await cluster.restart(name);
    return `runs, pid ${cluster.processNamed(name).pid}`;
  },
  async kill(cluster, name) {
    await cluster.kill(name);
    return "killed";
  },
  async pause(cluster, name) {
    cluster.pauseForGood(name);
    return "paused; bench cluster resume lets it go on";
  },
  async resume(cluster, name) {
    cluster.resume(name);
    return "resumed";
  },
};

/** @param word a process, `leader`, `follower` or `all`, also as CLUSTER/MEMBER */
export async function runOnProcesses(
  command: string,
  given: GivenFlags,
  word: string,
): Promise<number> {
  const flags = readFlags(NAME_FLAGS, given);
  const { cluster, member } = await openMember(command, word, flags.name);
  for (const name of await namesOf(cluster, member)) {
    const process = cluster.processNamed(name);
    // A process that is gone gets no signal, and the user should know.
    if (command !== "restart" && processState(process) === "stopped") {
      throw usageError(
        `${name} does not run; start it with bench cluster restart ${cluster.name}/${name}`,
      );
    }
    const done = await DONE[command]!(cluster, name);
    await writeStandardOutput(`${name}: ${done}`);
  }
  return EXIT.done;
}

/** @throws BenchError (usage) for a name that no process has, and where no member is of that role */
export async function namesOf(cluster: NamedCluster, selector: string): Promise<string[]> {
  const names = cluster.members.map(({ name }) => name);
  if (selector === "all") {
    // goreman's "all" are all processes.
    return cluster.state.procfile === null ? names : cluster.allProcesses.map(({ name }) => name);
  }
  if (selector !== "leader" && selector !== "follower") {
    return [cluster.processNamed(selector).name];
  }
  const answers = await askMembers(cluster);
  const leaderId = answers.find((answer) => answer?.leaderId != null)?.leaderId ?? null;
  const wanted = answers.findIndex((answer) => {
    if (answer === null || leaderId === null || answer.isLearner) return false;
    return (answer.memberId === leaderId) === (selector === "leader");
  });
  if (wanted >= 0) return [names[wanted]!];
  throw usageError(
    `the cluster ${cluster.name} has no ${selector} that answers: see bench cluster status`,
  );
}
