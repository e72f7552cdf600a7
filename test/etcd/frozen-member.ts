/** Freezes a member of a cluster, so that it answers nothing more when the call returns. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { LocalCluster } from "../../src/etcd/local-cluster.ts";
import { until } from "../harness/conditions.ts";

/** A signal stops each thread when that next runs: on busy cores some run on, and answer, until then. */
export async function freeze(cluster: LocalCluster, name: string): Promise<void> {
  cluster.pause(name);
  const { pid } = cluster.members.find((member) => member.name === name)!;
  await until(`every thread of ${name} has stopped`, async () => areStopped(pid!));
}

function areStopped(pid: number): boolean {
  const folder = `/proc/${pid}/task`;
  // Other systems do not tell.
  if (!existsSync(folder)) return true;
  return readdirSync(folder).every((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  });
}
