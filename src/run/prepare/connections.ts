/** Checks before a run whether the members take its connections. */
import { checkConnectionRoom } from "../../etcd/connection-room.ts";
import type { ControlAccess } from "../../etcd/control-client.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { splitLoad } from "../../plan/shares.ts";

/** @throws BenchError (usage) as `checkConnectionRoom` */
export function checkConnections(
  { load, target: { metricsEndpoints } }: RunPlan,
  { endpoints, members, memberIdOf, grpcProxies = [] }: TargetInfo,
  access: ControlAccess,
): Promise<void> {
  const opened = splitLoad(load, endpoints).flatMap((share) => share.connectionEndpoints);
  const ofMember = new Map<string, number>();
  for (const endpoint of opened) {
    const id = memberIdOf?.get(endpoint);
    // A grpc-proxy carries any number over one connection of its own.
    if (id === undefined || grpcProxies.includes(endpoint)) continue;
    ofMember.set(id, (ofMember.get(id) ?? 0) + 1);
  }
  const flag = `--conns=${load.connections}`;
  return checkConnectionRoom({ ofMember, members, metricsEndpoints, access, flag });
}
