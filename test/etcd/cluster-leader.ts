/** Finds the leader of a local cluster, and moves the leadership. */
import { Client, credentials } from "@grpc/grpc-js";
import { ControlClient } from "../../src/etcd/control-client.ts";
import type { LocalCluster } from "../../src/etcd/local-cluster.ts";
import { encodeMessage } from "../../src/protos.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

/** Timeout of one call; only a hang reaches it. */
const TIMEOUT_MS = patient(30_000);

/** The index of the leader; all members must run. */
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

/** Whether the member at the endpoint knows a leader. */
export async function knowsOfLeader(endpoint: string): Promise<boolean> {
  const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS });
  try {
    return (await client.status()).leaderId !== null;
  } finally {
    client.close();
  }
}

/** Moves the leadership to the next member; resolves when all members report it. */
export async function moveLeader(cluster: LocalCluster): Promise<void> {
  const { endpoints } = cluster;
  const before = await leaderIndex(cluster);
  const after = (before + 1) % endpoints.length;
  const control = new ControlClient(endpoints, { timeoutMs: TIMEOUT_MS });
  const client = new Client(endpoints[before]!, credentials.createInsecure());
  try {
    const { memberId } = await control.status(endpoints[after]!);
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        "/etcdserverpb.Maintenance/MoveLeader",
        (targetID: string) => encodeMessage("etcdserverpb.MoveLeaderRequest", { targetID }),
        () => {},
        BigInt(`0x${memberId}`).toString(),
        { deadline: Date.now() + TIMEOUT_MS },
        (error) => (error === null ? resolve() : reject(error)),
      );
    });
    await until("every member names the new leader", async () => {
      const all = await Promise.all(endpoints.map((endpoint) => control.status(endpoint)));
      return all.every(({ leaderId }) => leaderId === memberId);
    });
  } finally {
    client.close();
    control.close();
  }
}
