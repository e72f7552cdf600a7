/** One etcd process of a cluster that bench started: its command line, its log file, its end. */
import type { ChildProcess } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identityOf, isAlive, type ProcessIdentity, signal } from "./process-identity.ts";
import { spawnRecorded } from "./recorded-spawn.ts";

export interface MemberSettings {
  etcdPath: string;
  name: string;
  /** `host:port`, which clients and peers are to use. */
  endpoint: string;
  peerEndpoint: string;
  /** Where etcd itself listens: another place than above where a proxy is in front of it. */
  listen: { endpoint: string; peerEndpoint: string };
  dataDir: string;
  logPath: string;
  /** Where clients get in: `http` or `https`. */
  clientScheme: "http" | "https";
  clusterToken: string;
  /** `name=http://host:port,...` of all members. */
  initialCluster: string;
  initialState: "new" | "existing";
  extraArgs: readonly string[];
}

const LOG_TAIL_BYTES = 8 * 1024;
const POLL_MS = 10;
const NEVER_STARTED = "it was never started";

export class MemberProcess {
  readonly settings: MemberSettings;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #identity: ProcessIdentity | null;
  #end: string | null;

  /** @param identity of the process that an earlier bench started; null: none was */
  constructor(settings: MemberSettings, identity: ProcessIdentity | null = null) {
    this.settings = settings;
    this.#identity = identity;
    this.#end = identity === null ? NEVER_STARTED : null;
  }

  /** Of the latest start; 0 before the first. */
  get pid(): number {
    return this.#identity?.pid ?? 0;
  }

  /** Of the latest start; null before the first. */
  get identity(): ProcessIdentity | null {
    return this.#identity;
  }

  get running(): boolean {
    return this.end === null;
  }

  /** How the process ended (`exit code 1`); null while it runs. */
  get end(): string | null {
    const isOfAnother = this.#child === null && this.#identity !== null;
    if (isOfAnother && !isAlive(this.#identity!)) this.#end = "its process is gone";
    return this.#end;
  }

  /** @param record writes down the process; etcd runs only if that succeeded */
  start(record: () => void): void {
    const { etcdPath, logPath } = this.settings;
    // A panic goes to stderr, not to etcd's log: it belongs in the same file.
    const log = openSync(logPath, "a");
    try {
      spawnRecorded([etcdPath, ...memberArgs(this.settings)], {
        log,
        env: memberEnvironment(process.env),
        record: (child) => {
          this.#follow(child);
          record();
        },
      });
    } finally {
      closeSync(log);
    }
  }

  #follow(child: ChildProcess): void {
    this.#child = child;
    this.#identity = child.pid === undefined ? null : identityOf(child.pid);
    this.#end = null;
    this.#ended = new Promise((resolve) => {
      const ended = (how: string) => {
        if (this.#child === child) this.#end = how;
        resolve();
      };
      child.once("error", (error) => ended(error.message));
      child.once("exit", (code, name) => ended(name ?? `exit code ${code}`));
    });
  }

  signal(name: NodeJS.Signals): boolean {
    return this.running && this.pid > 0 && signal(this.pid, name);
  }

  /** Resolves true once the process has ended, false where it has not within the bound. */
  async awaitEnd(boundMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + boundMs;
    if (this.#child === null) {
      while (this.running && performance.now() < deadlineMs) await delay(POLL_MS);
      return !this.running;
    }
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMs);
    });
    await Promise.race([this.#ended, bound]);
    clearTimeout(timer);
    return !this.running;
  }

  /** The end of the log; at most a few KiB. */
  logTail(): string {
    const log = openSync(this.settings.logPath, "r");
    try {
      const sizeBytes = fstatSync(log).size;
      const tail = Buffer.alloc(Math.min(sizeBytes, LOG_TAIL_BYTES));
      readSync(log, tail, 0, tail.length, sizeBytes - tail.length);
      return tail.toString("utf8");
    } finally {
      closeSync(log);
    }
  }
}

/** Only flags that every etcd from 3.4 to 3.7 knows. */
export function memberArgs(settings: MemberSettings): string[] {
  const { clientScheme, listen } = settings;
  return [
    `--name=${settings.name}`,
    `--data-dir=${settings.dataDir}`,
    `--listen-client-urls=${clientScheme}://${listen.endpoint}`,
    `--advertise-client-urls=${clientScheme}://${settings.endpoint}`,
    `--listen-peer-urls=http://${listen.peerEndpoint}`,
    `--initial-advertise-peer-urls=http://${settings.peerEndpoint}`,
    `--initial-cluster=${settings.initialCluster}`,
    `--initial-cluster-token=${settings.clusterToken}`,
    `--initial-cluster-state=${settings.initialState}`,
    "--logger=zap",
    `--log-outputs=${settings.logPath}`,
    ...settings.extraArgs,
  ];
}

/**
 * etcd takes settings from ETCD_*: those of the user's own etcd are not for this one; nor is
 * what etcdctl takes from ETCDCTL_*, which may hold a password.
 */
export function memberEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // etcd 3.4 refuses to start on arm64 without this one.
  const kept = (name: string) => !/^ETCD(CTL)?_/.test(name) || name === "ETCD_UNSUPPORTED_ARCH";
  return Object.fromEntries(Object.entries(env).filter(([name]) => kept(name)));
}
