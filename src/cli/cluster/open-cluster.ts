/** Opens the cluster that a command is about, after putting right what a bench that died left. */
import { flagError, usageError } from "../../errors.ts";
import { clusterFolder, clusterNames } from "../../etcd/named-cluster/clusters-folder.ts";
import { NamedCluster } from "../../etcd/named-cluster/named-cluster.ts";
import { putRight } from "../../etcd/named-cluster/put-right.ts";
import { assertOfThisMachine } from "../../etcd/named-cluster/state-file.ts";
import { environment } from "../argv/environment.ts";

/**
 * @param flag the one that gives the name
 * @throws BenchError (usage) where there is none of the name, or no name and not just one
 */
export function openCluster(name: string | null, flag = "name"): NamedCluster {
  const env = environment();
  const cluster = NamedCluster.open(name ?? onlyName(flag), env, flag);
  assertOfThisMachine(cluster.state);
  putRight(cluster);
  return cluster;
}

/**
 * What `--cluster` names: NAME for all members, NAME/PROCESS for one of them or a proxy, empty for
 * the only cluster. `text` is the same with the name in it.
 * @throws BenchError (usage) that names the flag
 */
export function targetCluster(wanted: string): {
  cluster: NamedCluster;
  text: string;
  endpoints: readonly string[];
} {
  const slash = wanted.indexOf("/");
  const name = slash < 0 ? wanted : wanted.slice(0, slash);
  const cluster = openCluster(name || null, "cluster");
  if (slash < 0) return { cluster, text: cluster.name, endpoints: cluster.endpoints };
  const process = wanted.slice(slash + 1);
  const text = `${cluster.name}/${process}`;
  const endpoint = cluster.endpointOf(process);
  if (endpoint !== null) return { cluster, text, endpoints: [endpoint] };
  throw flagError("cluster", `--cluster=${text}: no client can go to ${process}; name a member`);
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
