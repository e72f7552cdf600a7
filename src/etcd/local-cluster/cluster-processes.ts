/** A throwaway cluster: it is gone with its data when it is taken down, or when this process ends. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import type { OwnCluster } from "../../events/definition.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import {
  createClusterFolder,
  newDataDir,
  recordMembers,
  removeClusterFolder,
} from "./cluster-folder.ts";
import { type ClusterMember, ClusterMembers } from "./cluster-members.ts";
import { fileSystemOf } from "./data-file-system.ts";
import { endWithProcess } from "./exit-cleanup.ts";
import { MemberProcess, type MemberSettings } from "./member-process.ts";
import { freePorts } from "./ports.ts";
import { awaitEndSync } from "./process-identity.ts";
import {
  type ClientFiles,
  OPEN_CLUSTER,
  type Security,
  type SecurityOptions,
  secureFolder,
} from "./security.ts";
import { Watchdog } from "./watchdog.ts";

export type LocalMember = ClusterMember;

export interface LocalCluster extends OwnCluster {
  readonly members: readonly LocalMember[];
  /** `host:port` of each member, in order. */
  readonly endpoints: readonly string[];
  /** Holds all data and logs until `down`. */
  readonly folder: string;
  readonly dataFileSystem: string | null;
  readonly version: string;
  /** What its clients need; nothing for a cluster that is open to all. */
  readonly access: Access;
  /** For a client that reads files, such as etcdctl; null without TLS. */
  readonly clientFiles: ClientFiles | null;
  /** Ends every process and removes the folder. Calling it again does nothing more. */
  down(): Promise<void>;
}

export interface ClusterOptions {
  binary: EtcdBinary;
  members: 1 | 3 | 5;
  /** Absent: open to all, without TLS. */
  security?: SecurityOptions;
  /** Further flags for every member. */
  extraArgs?: readonly string[];
}

/** Short: the data goes with the process, and the last members of a cluster wait for a lost quorum. */
const TERM_BOUND_MS = 500;
const KILL_BOUND_MS = 5_000;

export class ClusterProcesses extends ClusterMembers implements LocalCluster {
  readonly name = null;
  readonly folder: string;
  readonly dataFileSystem: string | null;
  readonly version: string;
  readonly clientFiles: ClientFiles | null;
  readonly #keepRunning: () => void;
  readonly #watchdog: Watchdog;
  readonly #placement: Placement;
  #down: Promise<void> | null = null;

  static async start(options: ClusterOptions): Promise<ClusterProcesses> {
    const folder = createClusterFolder();
    const keepPreparing = endWithProcess(() => removeClusterFolder(folder));
    let cluster: ClusterProcesses;
    try {
      const security = await secureFolder(folder, options.security ?? OPEN_CLUSTER);
      const placement: Placement = {
        folder,
        options,
        isTls: security.access.tls !== null,
        securityArgs: security.memberArgs,
        clusterToken: `etcd-bench-${randomBytes(8).toString("hex")}`,
      };
      const names = Array.from({ length: options.members }, (_, i) => `etcd${i + 1}`);
      const places = await placesOf(names, placement);
      cluster = new ClusterProcesses(placement, security, places);
    } catch (error) {
      removeClusterFolder(folder);
      throw error;
    } finally {
      keepPreparing();
    }
    try {
      for (const member of cluster.processes) {
        if (cluster.#down !== null) break;
        // etcd wants its data folder to be its own alone and warns of any other mode.
        mkdirSync(member.settings.dataDir, { recursive: true, mode: 0o700 });
        member.start(() => cluster.record());
      }
    } catch (error) {
      await cluster.down();
      throw error;
    }
    return cluster;
  }

  constructor(
    placement: Placement,
    { access, clientFiles }: Security,
    places: readonly MemberSettings[],
  ) {
    super(
      access,
      places.map((place) => new MemberProcess(place)),
    );
    this.folder = placement.folder;
    this.clientFiles = clientFiles;
    this.#placement = placement;
    this.#keepRunning = endWithProcess(() => this.#endSync());
    this.#watchdog = new Watchdog(this.folder);
    this.version = placement.options.binary.version;
    this.dataFileSystem = fileSystemOf(this.folder);
  }

  down(): Promise<void> {
    this.#down ??= this.#takeDown();
    return this.#down;
  }

  protected record(): void {
    if (this.#down !== null) throw new Error("a local cluster that was taken down is gone");
    const pids = this.processes.filter(({ running }) => running).map(({ pid }) => pid);
    this.#watchdog.watch(pids);
    recordMembers(this.folder, pids);
  }

  protected async placeFor(name: string): Promise<MemberSettings> {
    return (await placesOf([name], this.#placement))[0]!;
  }

  async #takeDown(): Promise<void> {
    await Promise.all(this.processes.map(endGently));
    removeClusterFolder(this.folder);
    this.#watchdog.release();
    this.#keepRunning();
  }

  #endSync(): void {
    const killed = this.processes.filter((member) => member.signal("SIGKILL"));
    awaitEndSync(
      killed.map((member) => member.pid),
      KILL_BOUND_MS,
    );
    removeClusterFolder(this.folder);
  }
}

interface Placement {
  folder: string;
  options: ClusterOptions;
  isTls: boolean;
  securityArgs: readonly string[];
  clusterToken: string;
}

/** Of a new cluster of these members. */
async function placesOf(
  names: readonly string[],
  { folder, options, isTls, securityArgs, clusterToken }: Placement,
): Promise<MemberSettings[]> {
  const ports = await freePorts(names.length * 2);
  const places = names.map((name, i) => {
    const endpoint = `127.0.0.1:${ports[2 * i]}`;
    const peerEndpoint = `127.0.0.1:${ports[2 * i + 1]}`;
    return { name, endpoint, peerEndpoint, listen: { endpoint, peerEndpoint } };
  });
  const initialCluster = places
    .map(({ name, peerEndpoint }) => `${name}=http://${peerEndpoint}`)
    .join(",");
  return places.map((place) => ({
    ...place,
    dataDir: newDataDir(folder, place.name),
    etcdPath: options.binary.path,
    logPath: join(folder, `${place.name}.log`),
    clientScheme: isTls ? "https" : "http",
    clusterToken,
    initialCluster,
    initialState: "new",
    extraArgs: [...securityArgs, ...(options.extraArgs ?? [])],
  }));
}

async function endGently(member: MemberProcess): Promise<void> {
  // A paused process takes no SIGTERM until it is resumed.
  member.signal("SIGCONT");
  member.signal("SIGTERM");
  if (await member.awaitEnd(TERM_BOUND_MS)) return;
  member.signal("SIGKILL");
  if (!(await member.awaitEnd(KILL_BOUND_MS))) {
    throw new Error(`etcd process ${member.pid} does not end on SIGKILL`);
  }
}
