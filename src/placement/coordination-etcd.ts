/** The coordination etcd that stays with placed agents: a cluster of one member, with TLS and a password. */
import { existsSync } from "node:fs";
import { isIPv4 } from "node:net";
import { type JoinFile, newJoinFile } from "../agents/join-file.ts";
import type { EtcdBinary } from "../etcd/etcd-binary/binary.ts";
import { withoutFsync } from "../etcd/etcd-binary/version.ts";
import { startNamedCluster, takeDown } from "../etcd/named-cluster/start.ts";
import { ownAddresses } from "../net/own-addresses.ts";
import { etcdFolderOf } from "./record.ts";

const LOOPBACK = "127.0.0.1";

export interface CoordinationEtcdOptions {
  /** Of the placement. */
  folder: string;
  group: string;
  /** IP address of this machine that agents connect to. */
  host: string;
  env: NodeJS.ProcessEnv;
  binary(): Promise<EtcdBinary>;
  say(line: string): void;
}

/** Resolves to how agents and runs get in. */
export async function startCoordinationEtcd(options: CoordinationEtcdOptions): Promise<JoinFile> {
  const { folder, group, host, env, binary, say } = options;
  const found = await binary();
  const cluster = await startNamedCluster({
    ...{ name: "coordination", folder: etcdFolderOf(folder), host, env, say },
    binary: async () => found,
    members: 1,
    security: { tls: true, auth: "simple" },
    // Messages need not outlast the machine; the disk may be that of the etcd under test.
    extraArgs: withoutFsync(found.version),
    dataDir: null,
    grpcProxies: 0,
    isProxied: false,
    hasLearner: false,
    discovery: null,
    procfile: null,
  });
  return newJoinFile(group, cluster);
}

/** Ends it and removes its data, also if its start was killed. */
export async function endCoordinationEtcd(folder: string): Promise<void> {
  const own = etcdFolderOf(folder);
  if (existsSync(own)) await takeDown(own, false);
}

/** The first address of this machine that others can reach; loopback where it has none. */
export function addressForOthers(): string {
  return ownAddresses().find(isIPv4) ?? LOOPBACK;
}
