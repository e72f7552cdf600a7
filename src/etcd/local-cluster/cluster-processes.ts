/** A throwaway cluster: it is gone with its data when it is taken down, or when this process ends. */
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import { usageError } from "../../errors.ts";
import type { OwnCluster } from "../../events/definition.ts";
import { makeFolders } from "../../make-folders.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { ChangingMembers } from "./changing-members.ts";
import { createClusterFolder, recordMembers, removeClusterFolder } from "./cluster-folder.ts";
import { type ClusterMember, READY_WITHIN_MS } from "./cluster-members.ts";
import { fileSystemOf } from "./data-file-system.ts";
import { endWithProcess } from "./exit-cleanup.ts";
import { faultProxyOf } from "./fault-proxies.ts";
import { GrpcProxyProcess } from "./grpc-proxy.ts";
import { logEnd } from "./log-end.ts";
import { MemberProcess, type MemberSettings } from "./member-process.ts";
import { endGently, type OwnProcess } from "./own-process.ts";
import { memberNames, newClusterToken, newDataDir, type Placement, placesOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { awaitEndSync } from "./process-identity.ts";
import {
  type ClientFiles,
  OPEN_CLUSTER,
  type Security,
  type SecurityOptions,
  secureFolder,
} from "./security.ts";
import { START_ATTEMPTS } from "./start-healthy.ts";
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
  /** `host:port` of the grpc-proxy that clients are to use; null without one. */
  readonly grpcProxy: string | null;
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
  /** With etcd's grpc-proxy in front of the members, once they are healthy. */
  hasGrpcProxy?: boolean;
  /** Whether clients and peers come to the members through fault proxies. */
  isProxied?: boolean;
  /** An address of this machine that clients come to; absent: loopback. */
  host?: string | undefined;
}

const KILL_BOUND_MS = 5_000;
const PROXY_NAME = "grpc-proxy";

export class ClusterProcesses extends ChangingMembers implements LocalCluster {
  readonly name = null;
  readonly folder: string;
  readonly dataFileSystem: string | null;
  readonly version: string;
  readonly clientFiles: ClientFiles | null;
  protected readonly placement: Placement;
  readonly #keepRunning: () => void;
  readonly #watchdog: Watchdog;
  readonly #proxyArgs: readonly string[];
  #proxy: GrpcProxyProcess | null = null;
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
        isProxied: options.isProxied ?? false,
        host: options.host,
        clusterToken: newClusterToken(),
        extraArgs: [...security.memberArgs, ...(options.extraArgs ?? [])],
      };
      const places = await placesOf(memberNames(options.members), placement);
      cluster = new ClusterProcesses(
        { folder, placement, binary: options.binary },
        security,
        places,
      );
      const proxied = placement.isProxied ? places : [];
      cluster.setHelpers(await Promise.all(proxied.map((place) => faultProxyOf(place, folder))));
    } catch (error) {
      removeClusterFolder(folder);
      throw error;
    } finally {
      keepPreparing();
    }
    try {
      for (const proxy of cluster.helpers) {
        if (cluster.#down !== null) break;
        proxy.start(() => cluster.record());
      }
      for (const member of cluster.processes) {
        if (cluster.#down !== null) break;
        // etcd wants its data folder to be its own alone and warns of any other mode.
        makeFolders(member.settings.dataDir, 0o700);
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
    { access, clientFiles, proxyArgs }: Security,
    places: readonly MemberSettings[],
  ) {
    super(
      access,
      places.map((place) => new MemberProcess(place)),
    );
    this.folder = folder;
    this.clientFiles = clientFiles;
    this.placement = placement;
    this.#proxyArgs = proxyArgs;
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
    const pids = this.#all.filter(({ running }) => running).map(({ pid }) => pid);
    this.#watchdog.watch(pids);
    recordMembers(this.folder, pids);
  }

  get grpcProxy(): string | null {
    return this.#proxy?.settings.endpoint ?? null;
  }

  /** Again on another port where another program took it. @throws BenchError (usage) with its log */
  async startGrpcProxy(boundMs = READY_WITHIN_MS): Promise<void> {
    const { etcdPath, dataFolder, logFolder, isTls } = this.placement;
    for (let attempt = 1; ; attempt++) {
      const [port] = await freePorts(1);
      const proxy = new GrpcProxyProcess({
        name: PROXY_NAME,
        etcdPath,
        endpoint: `127.0.0.1:${port}`,
        members: this.endpoints,
        dataDir: newDataDir(dataFolder, PROXY_NAME),
        logPath: join(logFolder, `${PROXY_NAME}.log`),
        isTls,
        securityArgs: this.#proxyArgs,
      });
      this.#proxy = proxy;
      proxy.start(() => this.record());
      if (await proxy.awaitServing(this.access.tls, boundMs)) return;
      const log = proxy.logTail();
      await endGently(proxy);
      if (log.includes("address already in use") && attempt < START_ATTEMPTS) continue;
      throw usageError(
        `--grpc-proxy: etcd's grpc-proxy did not start (${proxy.end}); ` +
          `its log ends: ${logEnd(log) || "(empty)"}`,
      );
    }
  }

  get #all(): readonly OwnProcess[] {
    const proxy = this.#proxy === null ? [] : [this.#proxy];
    return [...this.processes, ...this.helpers, ...proxy];
  }

  async #takeDown(): Promise<void> {
    await Promise.all(this.#all.map(endGently));
    removeClusterFolder(this.folder);
    this.#watchdog.release();
    this.#keepRunning();
  }

  #endSync(): void {
    const killed = this.#all.filter((member) => member.signal("SIGKILL"));
    awaitEndSync(
      killed.map((member) => member.pid),
      KILL_BOUND_MS,
    );
    removeClusterFolder(this.folder);
  }
}
