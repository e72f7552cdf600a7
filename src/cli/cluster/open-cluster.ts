/** Opens the cluster that a command is about, after putting right what a bench that died left. */
import { flagError, unreachableError, usageError } from "../../errors.ts";
import { processState } from "../../etcd/named-cluster/cluster-status.ts";
import { clusterFolder, clusterNames } from "../../etcd/named-cluster/clusters-folder.ts";
import { NamedCluster } from "../../etcd/named-cluster/named-cluster.ts";
import { putRight } from "../../etcd/named-cluster/put-right.ts";
import { assertOfThisMachine } from "../../etcd/named-cluster/state-file.ts";
import { environment } from "../argv/environment.ts";
import { writeStandardError } from "../output/standard-output.ts";

/**
 * @param flag the one that gives the name
 * @throws BenchError (usage) where there is none of the name, or no name and not just one
 */
export async function openCluster(name: string | null, flag = "name"): Promise<NamedCluster> {
  const env = environment();
  const known = name ?? onlyName(flag);
  const { folder, state } = NamedCluster.open(known, env, flag);
  assertOfThisMachine(state);
  await putRightAloud(folder, known);
  return NamedCluster.open(known, env, flag);
}

/** Prints what was put right. */
export async function putRightAloud(folder: string, name: string): Promise<void> {
  for (const line of await putRight(folder)) writeStandardError(`cluster ${name}: ${line}\n`);
}

/**
 * What a word of a command line names: CLUSTER, CLUSTER/MEMBER, or MEMBER of the cluster that --name
 * gives. Null: not said.
 * @throws BenchError (usage) where it and --name name two clusters
 */
export function readWord(
  word: string | undefined,
  name: string | null,
): { name: string | null; member: string | null } {
  if (word === undefined) return { name, member: null };
  const [first = "", ...rest] = word.split("/");
  // A process of a Procfile may have a slash in its name.
  if (!clusterNames(environment()).includes(first)) return { name, member: word };
  const member = rest.length === 0 ? null : rest.join("/");
  return { name: nameFrom(first, name), member };
}

/** The cluster's name as a word, or by --name. @throws BenchError (usage) where they differ */
export function nameFrom(word: string | undefined, name: string | null): string | null {
  if (word === undefined) return name;
  if (name === null || name === word) return word;
  throw flagError("name", `${word} and --name=${name} are two clusters: give one of them`);
}

/**
 * The cluster and the member that a command is about.
 * @param command its name, for an example
 * @throws BenchError (usage) for a cluster without a member
 */
export async function openMember(
  command: string,
  word: string | undefined,
  name: string | null,
): Promise<{ cluster: NamedCluster; member: string }> {
  const { name: found, member } = readWord(word, name);
  if (member !== null) return { cluster: await openCluster(found), member };
  throw usageError(
    `${found} is a cluster: give a member of it, e.g. bench cluster ${command} ${found}/etcd1`,
  );
}

/**
 * What `--cluster` names: NAME for all members, NAME/PROCESS for one of them or a proxy, empty for
 * the only cluster. `text` is the same with the name in it.
 * @throws BenchError (usage) that names the flag
 */
export async function targetCluster(wanted: string): Promise<{
  cluster: NamedCluster;
  text: string;
  endpoints: readonly string[];
}> {
  const slash = wanted.indexOf("/");
  const name = slash < 0 ? wanted : wanted.slice(0, slash);
  const cluster = await openCluster(name || null, "cluster");
  if (slash < 0) return { cluster, text: cluster.name, endpoints: cluster.endpoints };
  const process = wanted.slice(slash + 1);
  const text = `${cluster.name}/${process}`;
  const endpoint = cluster.endpointOf(process);
  if (endpoint !== null) return { cluster, text, endpoints: [endpoint] };
  throw flagError("cluster", `--cluster=${text}: no client can go to ${process}; name a member`);
}

/**
 * @param text the value of `--cluster`, and `endpoints` what it names
 * @throws BenchError (unreachable) where one of these has no process that answers
 */
export function assertServing(
  cluster: NamedCluster,
  text: string,
  endpoints: readonly string[],
): void {
  const processes = [...cluster.memberProcesses, ...cluster.helpers];
  for (const each of processes) {
    const { name, settings } = each;
    if (settings.endpoint === null || !endpoints.includes(settings.endpoint)) continue;
    const state = processState(each);
    if (state === "running") continue;
    const [what, fix] =
      state === "paused"
        ? ["is paused: let it go on", "resume"]
        : ["does not run: start it", "restart"];
    throw unreachableError(
      `--cluster=${text}: ${name} ${what} with bench cluster ${fix} ${cluster.name}/${name}, or name ` +
        `one that runs, as in --cluster=${cluster.name}/MEMBER`,
    );
  }
}

/** @throws BenchError (usage) where there is none, or several */
function onlyName(flag = "name"): string {
  const names = clusterNames(environment());
  if (names.length === 1) return names[0]!;
  if (names.length === 0) {
    throw usageError("there is no cluster: start one with bench cluster start");
  }
  throw flagError(
    flag,
    `there are ${names.length} clusters: give --${flag}=${names.join(` or --${flag}=`)}`,
  );
}

/** Of a cluster that may be whole or not. @throws BenchError (usage) for no such name */
export function folderOf(name: string | null): { name: string; folder: string } {
  const env = environment();
  const known = name ?? onlyName();
  const folder = clusterFolder(known, env);
  if (!clusterNames(env).includes(known)) NamedCluster.open(known, env);
  return { name: known, folder };
}
