/** Starts a coordination etcd for agents, and writes join files for it. */
import { join } from "node:path";
import { type JoinFile, newJoinFile, writeJoinFile } from "../../src/agents/join-file.ts";
import { withoutFsync } from "../../src/etcd/etcd-binary/version.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "./real-etcd.ts";

export class CoordinationEtcd {
  readonly cluster: LocalCluster;
  readonly join: JoinFile;
  #files = 0;

  /** @param host an address of this machine; default: loopback */
  static async start(isTls: boolean, host?: string): Promise<CoordinationEtcd> {
    const binary = await etcdForTests();
    const cluster = await startLocalCluster({
      ...{ binary, members: 1, host, extraArgs: withoutFsync(binary.version) },
      security: { tls: isTls, auth: null, host },
    });
    return new CoordinationEtcd(cluster);
  }

  constructor(cluster: LocalCluster) {
    this.cluster = cluster;
    this.join = newJoinFile("g", cluster);
  }

  get endpoint(): string {
    return this.cluster.endpoints[0]!;
  }

  /** @returns the path of a join file with these changes */
  file(changed: Partial<JoinFile> = {}): string {
    const path = join(this.cluster.folder, `join-${this.#files++}.json`);
    writeJoinFile(path, { ...this.join, ...changed });
    return path;
  }
}

/** Runs `act` with its own coordination etcd. */
export async function withCoordination(act: (coordination: CoordinationEtcd) => Promise<void>) {
  const coordination = await CoordinationEtcd.start(false);
  try {
    await act(coordination);
  } finally {
    await coordination.cluster.down();
  }
}
