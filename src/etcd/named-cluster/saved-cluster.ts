/**
 * Turns a cluster's saved state into what a command works with: how to get in, where a new member goes,
 * the processes. Makes the state of a new cluster.
 */
import { existsSync } from "node:fs";
import { type Access, OPEN_ACCESS } from "../../access/access.ts";
import { readTlsFiles } from "../../access/tls-files.ts";
import { HelperProcess } from "../local-cluster/helper-process.ts";
import { MemberProcess, type MemberSettings } from "../local-cluster/member-process.ts";
import type { Placement } from "../local-cluster/placement.ts";
import { pidNamespace } from "../local-cluster/process-identity.ts";
import type { ClusterState } from "./state-file.ts";

/** What a new cluster's state is made of, in addition to its processes. */
export type NewCluster = Omit<
  ClusterState,
  "schemaVersion" | "createdAt" | "isReady" | "pidNamespace" | "members" | "helpers"
> & { readonly places: readonly MemberSettings[]; readonly helpers: readonly HelperProcess[] };

/** Of a cluster whose processes have not started yet. */
export function newState({ places, helpers, ...about }: NewCluster): ClusterState {
  return {
    ...about,
    schemaVersion: 1,
    createdAt: new Date().toISOString(),
    isReady: false,
    pidNamespace: pidNamespace(),
    members: places.map((settings) => ({ settings, started: null })),
    helpers: helpers.map(({ settings }) => ({ settings, started: null })),
  };
}

export function placementOf(
  folder: string,
  state: Pick<
    ClusterState,
    "etcd" | "dataFolder" | "clientFiles" | "isProxied" | "clusterToken" | "memberArgs"
  >,
): Placement {
  return {
    dataFolder: state.dataFolder,
    logFolder: folder,
    etcdPath: state.etcd.path,
    isTls: state.clientFiles !== null,
    isProxied: state.isProxied,
    clusterToken: state.clusterToken,
    extraArgs: state.memberArgs,
  };
}

export function membersOf({ members }: ClusterState): MemberProcess[] {
  return members.map(({ settings, started }) => new MemberProcess(settings, started));
}

export function helpersOf({ helpers }: ClusterState): HelperProcess[] {
  return helpers.map(({ settings, started }) => new HelperProcess(settings, started));
}

export function accessOf({ clientFiles, credentials }: ClusterState): Access {
  // What is left of an interrupted start, or of an interrupted end, may lack them.
  if (clientFiles === null || !existsSync(clientFiles.ca)) return { ...OPEN_ACCESS, credentials };
  const { cert, key, ca } = clientFiles;
  const tls = readTlsFiles({
    certFile: cert,
    keyFile: key,
    caFile: ca,
    serverName: null,
    skipVerify: false,
  });
  return { tls, credentials };
}
