/** Owns asking a local cluster's members who leads them. */
import { ControlClient } from "../../src/etcd/control-client.ts";
import type { LocalCluster } from "../../src/etcd/local-cluster.ts";
import { patient } from "../harness/patience.ts";

/** Of one call; only a hang reaches it. */
const TIMEOUT_MS = patient(30_000);

/** The index of the member that leads; all members run. */
export async function leaderIndex({ endpoints }: LocalCluster): Promise<number> {
  const client = new ControlClient(endpoints, { timeoutMs: TIMEOUT_MS });
  try {
    const { leaderId } = await client.status();
    for (const [index, endpoint] of endpoints.entries()) {
      if ((await client.status(endpoint)).memberId === leaderId) return index;
    }
    throw new Error(`no member of the cluster is its leader ${leaderId}`);
  } finally {
    client.close();
  }
}

/** Whether the member at the endpoint thinks that the cluster has a leader. */
export async function knowsOfLeader(endpoint: string): Promise<boolean> {
  const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS });
  try {
    return (await client.status()).leaderId !== null;
  } finally {
    client.close();
  }
}
