/** Owns one etcd process of a local cluster: its command line, its log file, its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { signal } from "./process-identity.ts";

export interface MemberSettings {
  etcdPath: string;
  name: string;
  /** `host:port`. */
  endpoint: string;
  peerEndpoint: string;
  dataDir: string;
  logPath: string;
  /** Where clients get in: `http` or `https`. */
  clientScheme: "http" | "https";
  clusterToken: string;
  /** `name=http://host:port,...` of all members. */
  initialCluster: string;
  extraArgs: readonly string[];
}

const LOG_TAIL_BYTES = 8 * 1024;

export class MemberProcess {
  readonly settings: MemberSettings;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #pid = 0;
  #end: string | null = "it was never started";

  constructor(settings: MemberSettings) {
    this.settings = settings;
  }

  /** Of the latest start; 0 before the first. */
  get pid(): number {
    return this.#pid;
  }

  get running(): boolean {
    return this.#end === null;
  }

  /** How the process ended (`exit code 1`); null while it runs. */
  get end(): string | null {
    return this.#end;
  }

  start(): void {
    const { etcdPath, logPath } = this.settings;
    // A panic goes to stderr, not to etcd's log: it belongs in the same file.
    const log = openSync(logPath, "a");
    let child: ChildProcess;
    try {
      child = spawn(etcdPath, memberArgs(this.settings), {
        stdio: ["ignore", log, log],
        env: memberEnvironment(process.env),
        // A group of its own, so that Ctrl-C at the terminal does not end etcd before the drain.
        detached: true,
      });
    } finally {
      closeSync(log);
    }
    this.#child = child;
    this.#pid = child.pid ?? 0;
    this.#end = null;
    this.#ended = new Promise((resolve) => {
      const ended = (how: string) => {
        if (this.#child === child) this.#end = how;
        resolve();
      };
      child.once("error", (error) => ended(error.message));
      child.once("exit", (code, name) => ended(name ?? `exit code ${code}`));
    });
    // A cluster that its caller forgot must not keep the tool from ending; `exit` takes it down.
    child.unref();
  }

  signal(name: NodeJS.Signals): boolean {
    return this.running && this.#pid > 0 && signal(this.#pid, name);
  }

  /** Resolves true once the process has ended, false where it has not within the bound. */
  async awaitEnd(boundMs: number): Promise<boolean> {
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
  const clientUrl = `${settings.clientScheme}://${settings.endpoint}`;
  const peerUrl = `http://${settings.peerEndpoint}`;
  return [
    `--name=${settings.name}`,
    `--data-dir=${settings.dataDir}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=${settings.initialCluster}`,
    `--initial-cluster-token=${settings.clusterToken}`,
    "--initial-cluster-state=new",
    "--logger=zap",
    `--log-outputs=${settings.logPath}`,
    ...settings.extraArgs,
  ];
}

/**
 * etcd takes settings from ETCD_*: those of the person's own etcd are not for this one; nor is
 * what etcdctl takes from ETCDCTL_*, which may hold a password.
 */
export function memberEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // etcd 3.4 refuses to start on arm64 without this one.
  const kept = (name: string) => !/^ETCD(CTL)?_/.test(name) || name === "ETCD_UNSUPPORTED_ARCH";
  return Object.fromEntries(Object.entries(env).filter(([name]) => kept(name)));
}
