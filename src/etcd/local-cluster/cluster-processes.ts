/** A throwaway cluster: it is gone with its data when it is taken down, or when this process ends. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import type { OwnCluster } from "../../events/definition.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { createClusterFolder, recordMembers, removeClusterFolder } from "./cluster-folder.ts";
import { type ClusterMember, ClusterMembers } from "./cluster-members.ts";
import { fileSystemOf } from "./data-file-system.ts";
import { endWithProcess } from "./exit-cleanup.ts";
import { MemberProcess, type MemberSettings } from "./member-process.ts";
import { endGently } from "./own-process.ts";
import { memberNames, newClusterToken, type Placement, placesOf } from "./placement.ts";
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
        dataFolder: join(folder, "data"),
        logFolder: folder,
        etcdPath: options.binary.path,
        isTls: security.access.tls !== null,
        clusterToken: newClusterToken(),
        extraArgs: [...security.memberArgs, ...(options.extraArgs ?? [])],
      };
      const places = await placesOf(memberNames(options.members), placement);
      cluster = new ClusterProcesses(
        { folder, placement, binary: options.binary },
        security,
        places,
      );
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
    { folder, placement, binary }: { folder: string; placement: Placement; binary: EtcdBinary },
    { access, clientFiles }: Security,
    places: readonly MemberSettings[],
  ) {
    super(
      access,
      places.map((place) => new MemberProcess(place)),
    );
    this.folder = folder;
    this.clientFiles = clientFiles;
    this.#placement = placement;
    this.#keepRunning = endWithProcess(() => this.#endSync());
    this.#watchdog = new Watchdog(this.folder);
    this.version = binary.version;
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
