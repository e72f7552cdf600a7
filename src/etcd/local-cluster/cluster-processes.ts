/** Owns the processes of one throwaway cluster: their start, what is done to them, and their end. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { PageReader } from "../fetch-page.ts";
import {
  createClusterFolder,
  memberDataDir,
  recordMembers,
  removeClusterFolder,
} from "./cluster-folder.ts";
import { fileSystemOf } from "./data-file-system.ts";
import { endWithProcess } from "./exit-cleanup.ts";
import { MemberProcess } from "./member-process.ts";
import { freePorts } from "./ports.ts";
import { awaitEndSync } from "./process-identity.ts";
import { awaitHealthy, awaitListening } from "./readiness.ts";
import {
  type ClientFiles,
  OPEN_CLUSTER,
  type Security,
  type SecurityOptions,
  secureFolder,
} from "./security.ts";
import { Watchdog } from "./watchdog.ts";

export interface LocalMember {
  readonly name: string;
  /** Of clients and of peers: `host:port`. */
  readonly endpoint: string;
  readonly peerEndpoint: string;
  readonly metricsUrl: string;
  /** Of the latest start. */
  readonly pid: number;
  readonly running: boolean;
  readonly logPath: string;
  readonly dataDir: string;
}

export interface LocalCluster {
  readonly members: readonly LocalMember[];
  /** `host:port` of each member, in order. */
  readonly endpoints: readonly string[];
  /** Holds all data and logs until `stop`. */
  readonly folder: string;
  readonly dataFileSystem: string | null;
  readonly version: string;
  /** What its clients need; nothing for a cluster that is open to all. */
  readonly access: Access;
  /** For a client that reads files, such as etcdctl; null without TLS. */
  readonly clientFiles: ClientFiles | null;
  /** Ends every process and removes the folder. Calling it again does nothing more. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(index: number): Promise<void>;
  /**
   * Starts a member that was killed on its old data. Resolves when it is healthy, or, where too
   * few members run for a leader, when it answers its peers.
   */
  restart(index: number): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  pause(index: number): void;
  resume(index: number): void;
}

export interface ClusterOptions {
  binary: EtcdBinary;
  members: 1 | 3 | 5;
  /** Absent: open to all, without TLS. */
  security?: SecurityOptions;
  /** Further flags for every member. */
  extraArgs?: readonly string[];
}

/** An idle machine needs a second at most; a loaded one with a slow disk may need many. */
export const READY_WITHIN_MS = 60_000;
/** Short: the data goes with the process, and the last members of a cluster wait for a lost quorum. */
const TERM_BOUND_MS = 500;
const KILL_BOUND_MS = 5_000;

export class ClusterProcesses implements LocalCluster {
  readonly members: readonly LocalMember[];
  readonly endpoints: readonly string[];
  readonly folder: string;
  readonly dataFileSystem: string | null;
  readonly version: string;
  readonly access: Access;
  readonly clientFiles: ClientFiles | null;
  readonly #pages: PageReader;
  readonly #processes: readonly MemberProcess[];
  readonly #keepRunning: () => void;
  readonly #watchdog: Watchdog;
  #stopped: Promise<void> | null = null;

  static async start(options: ClusterOptions): Promise<ClusterProcesses> {
    const folder = createClusterFolder();
    const keepPreparing = endWithProcess(() => removeClusterFolder(folder));
    let cluster: ClusterProcesses;
    try {
      const security = await secureFolder(folder, options.security ?? OPEN_CLUSTER);
      cluster = new ClusterProcesses(
        folder,
        options,
        security,
        await freePorts(options.members * 2),
      );
    } catch (error) {
      removeClusterFolder(folder);
      throw error;
    } finally {
      keepPreparing();
    }
    try {
      for (const member of cluster.#processes) cluster.#startProcess(member);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  constructor(
    folder: string,
    options: ClusterOptions,
    { access, clientFiles, memberArgs }: Security,
    ports: readonly number[],
  ) {
    this.folder = folder;
    this.access = access;
    this.clientFiles = clientFiles;
    this.#pages = new PageReader(access.tls, false);
    this.#keepRunning = endWithProcess(() => this.#endSync());
    this.#watchdog = new Watchdog(folder);
    this.version = options.binary.version;
    this.dataFileSystem = fileSystemOf(this.folder);
    this.#processes = memberProcesses(this.folder, options, access.tls, memberArgs, ports);
    this.members = this.#processes.map(memberView);
    this.endpoints = this.members.map((member) => member.endpoint);
  }

  async awaitAllHealthy(boundMs: number): Promise<void> {
    const deadlineMs = performance.now() + boundMs;
    const peers = this.members.map((member) => member.peerEndpoint);
    await Promise.all(
      this.#processes.map((member) => awaitHealthy(member, peers, deadlineMs, this.#pages)),
    );
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async kill(index: number): Promise<void> {
    const member = this.#process(index);
    member.signal("SIGKILL");
    if (!(await member.awaitEnd(KILL_BOUND_MS))) throw stuck(member);
  }

  async restart(index: number): Promise<void> {
    const member = this.#process(index);
    if (this.#stopped !== null) throw new Error("a local cluster that was stopped is gone");
    if (member.running) throw new Error(`${member.settings.name} runs: kill it before a restart`);
    this.#startProcess(member);
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    const running = this.#processes.filter((process) => process.running).length;
    if (running * 2 > this.#processes.length) {
      await awaitHealthy(member, [member.settings.peerEndpoint], deadlineMs, this.#pages);
    } else {
      await awaitListening(member, deadlineMs, this.#pages);
    }
  }

  pause(index: number): void {
    this.#process(index).signal("SIGSTOP");
  }

  resume(index: number): void {
    this.#process(index).signal("SIGCONT");
  }

  #process(index: number): MemberProcess {
    const member = this.#processes[index];
    if (member === undefined) throw new Error(`the local cluster has no member ${index}`);
    return member;
  }

  #startProcess(member: MemberProcess): void {
    member.start();
    const pids = this.#processes.filter((process) => process.running).map(({ pid }) => pid);
    this.#watchdog.watch(pids);
    recordMembers(this.folder, pids);
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#processes.map(endGently));
    removeClusterFolder(this.folder);
    this.#watchdog.release();
    this.#keepRunning();
  }

  #endSync(): void {
    const killed = this.#processes.filter((member) => member.signal("SIGKILL"));
    awaitEndSync(
      killed.map((member) => member.pid),
      KILL_BOUND_MS,
    );
    removeClusterFolder(this.folder);
  }
}

function memberProcesses(
  folder: string,
  { binary, members, extraArgs = [] }: ClusterOptions,
  tls: Access["tls"],
  securityArgs: readonly string[],
  ports: readonly number[],
): MemberProcess[] {
  const clusterToken = `etcd-bench-${randomBytes(8).toString("hex")}`;
  const places = Array.from({ length: members }, (_, i) => ({
    name: `etcd${i + 1}`,
    endpoint: `127.0.0.1:${ports[2 * i]}`,
    peerEndpoint: `127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const initialCluster = places
    .map(({ name, peerEndpoint }) => `${name}=http://${peerEndpoint}`)
    .join(",");
  return places.map((place) => {
    const dataDir = memberDataDir(folder, place.name);
    // etcd wants its data folder to be its own alone and warns of any other mode.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return new MemberProcess({
      ...place,
      dataDir,
      etcdPath: binary.path,
      logPath: join(folder, `${place.name}.log`),
      clientScheme: tls === null ? "http" : "https",
      clusterToken,
      initialCluster,
      extraArgs: [...securityArgs, ...extraArgs],
    });
  });
}

/** What callers see of a member: facts that stay, and the two that change with a restart. */
function memberView(member: MemberProcess): LocalMember {
  const { name, endpoint, peerEndpoint, clientScheme, logPath, dataDir } = member.settings;
  return {
    name,
    endpoint,
    peerEndpoint,
    logPath,
    dataDir,
    metricsUrl: `${clientScheme}://${endpoint}/metrics`,
    get pid() {
      return member.pid;
    },
    get running() {
      return member.running;
    },
  };
}

async function endGently(member: MemberProcess): Promise<void> {
  // A frozen process takes no SIGTERM until it is woken.
  member.signal("SIGCONT");
  member.signal("SIGTERM");
  if (await member.awaitEnd(TERM_BOUND_MS)) return;
  member.signal("SIGKILL");
  if (!(await member.awaitEnd(KILL_BOUND_MS))) throw stuck(member);
}

function stuck(member: MemberProcess): Error {
  return new Error(`etcd process ${member.pid} does not end on SIGKILL`);
}
