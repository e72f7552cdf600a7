/** Owns asking a local cluster's members who leads them. */
import { ControlClient } from "../src/target/control-client.ts";
import type { LocalCluster } from "../src/target/local-cluster.ts";

/** The index of the member that leads; -1 where the member asked knows of none. */
export async function leaderIndex(cluster: LocalCluster, askedIndex = 0): Promise<number> {
  const client = new ControlClient(cluster.endpoints, { timeoutMs: 30_000 });
  try {
    const { leaderId } = await client.status(cluster.endpoints[askedIndex]);
    if (leaderId === null) return -1;
    for (const [index, endpoint] of cluster.endpoints.entries()) {
      if ((await client.status(endpoint)).memberId === leaderId) return index;
    }
    throw new Error(`no member of the cluster is its leader ${leaderId}`);
  } finally {
    client.close();
  }
}
