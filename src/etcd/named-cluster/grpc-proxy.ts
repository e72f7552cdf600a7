/** etcd's own grpc-proxy in front of a cluster that stays, as processes of it. */
import { join } from "node:path";
import { grpcProxyArgs } from "../local-cluster/grpc-proxy.ts";
import { HelperProcess } from "../local-cluster/helper-process.ts";
import type { MemberSettings } from "../local-cluster/member-process.ts";
import { freePorts } from "../local-cluster/ports.ts";

export interface GrpcProxyOptions {
  count: number;
  folder: string;
  etcdPath: string;
  isTls: boolean;
  securityArgs: readonly string[];
  places: readonly MemberSettings[];
}

export async function grpcProxies(options: GrpcProxyOptions): Promise<HelperProcess[]> {
  const { count, folder, etcdPath, isTls, securityArgs, places } = options;
  const ports = await freePorts(count);
  const members = places.map(({ endpoint }) => endpoint);
  return ports.map((port, i) => {
    const name = `grpc-proxy${i + 1}`;
    const endpoint = `127.0.0.1:${port}`;
    const logPath = join(folder, `${name}.log`);
    const dataDir = join(folder, name);
    const args = grpcProxyArgs({ endpoint, members, dataDir, logPath, isTls, securityArgs });
    const command = [etcdPath, ...args];
    return new HelperProcess({ name, role: "grpc-proxy", logPath, endpoint, command });
  });
}
