/** Chooses names, ports and folders for the members of a cluster that bench starts. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { joinHostPort } from "../../net/host-port.ts";
import type { MemberSettings } from "./member-process.ts";
import { freePorts } from "./ports.ts";

export interface Placement {
  /** Each member gets a folder of its own in it. */
  dataFolder: string;
  logFolder: string;
  etcdPath: string;
  /** Between etcd and its clients. */
  isTls: boolean;
  /** The address that clients come to; absent: loopback. */
  host?: string | undefined;
  /** Whether clients and peers come through a proxy, which has ports of its own. */
  isProxied?: boolean;
  clusterToken: string;
  /** Further flags for every member. */
  extraArgs: readonly string[];
}

const LOOPBACK = "127.0.0.1";

/** Different for each cluster, so that no member takes another cluster for its own. */
export function newClusterToken(): string {
  return `etcd-bench-${randomBytes(8).toString("hex")}`;
}

export function memberNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `etcd${i + 1}`);
}

/** As members of a new cluster of these. */
export async function placesOf(
  names: readonly string[],
  placement: Placement,
): Promise<MemberSettings[]> {
  const {
    etcdPath,
    isTls,
    host = LOOPBACK,
    isProxied = false,
    clusterToken,
    extraArgs,
  } = placement;
  const portsEach = isProxied ? 4 : 2;
  const ports = await freePorts(names.length * portsEach);
  const places = names.map((name, i) => {
    const at = (offset: number) => `${LOOPBACK}:${ports[portsEach * i + offset]}`;
    const endpoint = joinHostPort(host, ports[portsEach * i]!);
    const listen = { endpoint, peerEndpoint: at(1) };
    const advertised = isProxied ? { endpoint: at(2), peerEndpoint: at(3) } : listen;
    return { name, ...advertised, listen };
  });
  const initialCluster = places
    .map(({ name, peerEndpoint }) => `${name}=http://${peerEndpoint}`)
    .join(",");
  return places.map((place) => ({
    ...place,
    dataDir: newDataDir(placement.dataFolder, place.name),
    logPath: join(placement.logFolder, `${place.name}.log`),
    clientScheme: isTls ? "https" : "http",
    initialCluster,
    initialState: "new",
    ...{ etcdPath, clusterToken, extraArgs },
  }));
}

/**
 * Where a new member of that name keeps its data: a folder that none before it had, since etcd must
 * never start on the data of a member that was removed.
 */
export function newDataDir(dataFolder: string, member: string): string {
  return join(dataFolder, `${member}-${randomBytes(4).toString("hex")}`);
}
