/** Starts a cluster that stays, or one again whose processes have ended but whose data is there. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { flagError } from "../../errors.ts";
import { formatNoun } from "../../text/noun.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { READY_WITHIN_MS } from "../local-cluster/cluster-members.ts";
import { faultProxyOf } from "../local-cluster/fault-proxies.ts";
import type { MemberSettings } from "../local-cluster/member-process.ts";
import { memberNames, newClusterToken, placesOf } from "../local-cluster/placement.ts";
import { type SecurityOptions, secureFolder } from "../local-cluster/security.ts";
import { startHealthy } from "../local-cluster/start-healthy.ts";
import type { Procfile } from "../procfile/procfile.ts";
import { withClusterLock } from "./cluster-lock.ts";
import {
  clusterFolder,
  emptyClusterFolder,
  makeStateFolder,
  removeIfEmpty,
} from "./clusters-folder.ts";
import { claimDataFolder } from "./data-folder.ts";
import { registerCluster } from "./discovery-registry.ts";
import { grpcProxies } from "./grpc-proxy.ts";
import { NamedCluster } from "./named-cluster.ts";
import { placementOf } from "./saved-cluster.ts";
import { startProcfile } from "./start-procfile.ts";
import { assertOfThisMachine, readState } from "./state-file.ts";

export interface NamedClusterOptions {
  name: string;
  env: NodeJS.ProcessEnv;
  /** Of its state; absent: among those that `bench cluster` knows. */
  folder?: string;
  /** The address that clients come to; absent: loopback. */
  host?: string;
  /** Called when a new cluster is to be made. */
  binary(): Promise<EtcdBinary>;
  members: number;
  security: Omit<SecurityOptions, "validForMs">;
  /** Further flags for every member. */
  extraArgs: readonly string[];
  /** Null: in the cluster's own folder. */
  dataDir: string | null;
  /** How many of etcd's grpc-proxies to start in front of the members. */
  grpcProxies: number;
  /** Whether clients and peers come to the members through fault proxies. */
  isProxied: boolean;
  /** Whether a learner joins once the members are healthy. */
  hasLearner: boolean;
  /** `host:port` or URL of the etcd by which the members find each other; null: none. */
  discovery: string | null;
  /** Takes the place of all above; null: none. */
  procfile: Procfile | null;
  say(line: string): void;
}

/** Longer than any cluster of a test stays. */
const VALID_FOR_MS = 10 * 365 * 86_400_000;

/** Resolves when all members are healthy. @throws BenchError (usage) where the name is taken */
export async function startNamedCluster(options: NamedClusterOptions): Promise<NamedCluster> {
  const folder = options.folder ?? clusterFolder(options.name, options.env);
  makeStateFolder(folder, options.env);
  try {
    const cluster = await withClusterLock(folder, async () => {
      const again = await startAgain(folder, options);
      if (again !== null) return again;
      const { procfile } = options;
      if (procfile === null) return await startNew(folder, options);
      return await startProcfile({ ...options, folder, procfile });
    });
    const isNew = cluster.members.length === options.members;
    if (options.hasLearner && isNew) await cluster.add({ name: "learner", isLearner: true });
    return cluster;
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  }
}

/** Ends it and removes it, also if its start was killed. */
export async function takeDown(folder: string, keepsData: boolean): Promise<void> {
  await withClusterLock(folder, async () => {
    const state = readState(folder);
    if (state !== null) assertOfThisMachine(state);
    if (state === null) emptyClusterFolder(folder);
    else await NamedCluster.at(folder)!.down({ keepsData });
  });
  if (!keepsData) removeIfEmpty(folder);
}

async function startAgain(
  folder: string,
  { name, members, procfile, say }: NamedClusterOptions,
): Promise<NamedCluster | null> {
  const cluster = NamedCluster.at(folder);
  if (cluster === null) return null;
  assertOfThisMachine(cluster.state);
  if (cluster.allProcesses.some(({ running }) => running)) {
    throw flagError(
      "name",
      `the cluster ${name} runs already: take it down with bench cluster down ${name}, or give another --name`,
    );
  }
  if (!cluster.state.isReady) {
    say(`cluster ${name}: removed what an interrupted start left`);
    await cluster.down();
    return null;
  }
  const size = cluster.members.length;
  if (procfile !== null || size !== members)
    say(
      `cluster ${name}: it has data, and its ${formatNoun(size, "member starts", "members start")} on that`,
    );
  await cluster.startAll();
  await cluster.awaitAllHealthy(READY_WITHIN_MS);
  return cluster;
}

async function startNew(folder: string, options: NamedClusterOptions): Promise<NamedCluster> {
  const { name, members, extraArgs, say } = options;
  const binary = await options.binary();
  const dataFolder = options.dataDir === null ? join(folder, "data") : resolve(options.dataDir);
  const cluster = await startHealthy({
    what: `the cluster ${name}`,
    etcdPath: binary.path,
    folder: options.dataDir === null ? folder : dataFolder,
    folderFix: "give --data-dir a folder on another disk",
    say,
    start: async () => {
      const id = randomBytes(8).toString("hex");
      if (options.dataDir !== null) claimDataFolder(dataFolder, { name, id });
      const { host } = options;
      const security = { ...options.security, host, validForMs: VALID_FOR_MS };
      const { access, clientFiles, memberArgs, proxyArgs } = await secureFolder(folder, security);
      const about = {
        ...{ id, name, dataFolder, clientFiles, procfile: null, isProxied: options.isProxied },
        etcd: { path: binary.path, version: binary.version },
        clusterToken: newClusterToken(),
        memberArgs: [...memberArgs, ...extraArgs],
        credentials: access.credentials,
      };
      const found = await placesOf(memberNames(members), {
        ...placementOf(folder, about),
        host,
      });
      const places = await withDiscovery(found, id, binary.version, options.discovery);
      const helpers = await grpcProxies({
        ...{ folder, places, securityArgs: proxyArgs },
        isTls: clientFiles !== null,
        count: options.grpcProxies,
        etcdPath: binary.path,
      });
      const proxied = options.isProxied ? places : [];
      const proxies = await Promise.all(proxied.map((place) => faultProxyOf(place, folder)));
      return await NamedCluster.start(folder, {
        ...about,
        places,
        helpers: [...helpers, ...proxies],
      });
    },
  });
  cluster.markReady();
  return cluster;
}

async function withDiscovery(
  places: readonly MemberSettings[],
  token: string,
  version: string,
  registry: string | null,
): Promise<readonly MemberSettings[]> {
  if (registry === null) return places;
  const discovery = await registerCluster(registry, { token, size: places.length, version });
  return places.map((place) => ({ ...place, discovery }));
}
