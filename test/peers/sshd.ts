/**
 * Starts a real sshd (Debian's openssh-server) for tests, with a separate configuration, host key,
 * port and authorized key, for the user of the tests. It changes nothing in the system.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { until } from "../harness/conditions.ts";

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));
/** A folder that sshd requires when root starts it. */
const PRIVILEGE_FOLDER = "/run/sshd";

/** Why sshd is not available; null when it is. */
export const NO_SSHD = SSHD === undefined ? "openssh-server is not installed" : null;

export interface SshdOptions {
  /** Default: a free port. */
  port?: number;
  address?: string;
  /** Command prefix that runs sshd elsewhere, for example in a network namespace. */
  within?: readonly string[];
}

export class Sshd {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** Listens on a free port, and on another one if a different program took it. */
  static async start(keys: SshKeys, options: SshdOptions = {}): Promise<Sshd> {
    const { address = "127.0.0.1", within = [] } = options;
    if (userInfo().uid === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true });
    for (;;) {
      const port = options.port ?? (await freePorts(1))[0]!;
      const log = join(keys.folder, `sshd-${port}.log`);
      const config = join(keys.folder, `sshd-${port}.conf`);
      writeFileSync(
        config,
        [
          ...[`Port ${port}`, `ListenAddress ${address}`, `HostKey ${keys.hostKey}`],
          ...[`AuthorizedKeysFile ${keys.userKey}.pub`, "StrictModes no", "UsePAM no"],
          ...["PidFile none", "PasswordAuthentication no", "KbdInteractiveAuthentication no"],
        ].join("\n"),
      );
      const [program, ...args] = [...within, SSHD!, "-D", "-f", config, "-E", log];
      const child = spawn(program!, args, { stdio: "ignore" });
      const listens = await until("sshd listens or has ended", () => {
        if (child.exitCode !== null) return { isUp: false };
        const text = existsSync(log) ? readFileSync(log, "utf8") : "";
        return text.includes("Server listening") && { isUp: true };
      });
      if (listens.isUp) return new Sshd(port, child);
      const text = readFileSync(log, "utf8");
      const isTaken = text.includes("Address already in use");
      if (!isTaken || options.port !== undefined) throw new Error(`sshd has ended: ${text}`);
    }
  }

  /** For example SIGSTOP, which makes the host hang. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** Keys of hosts and user, and an ssh configuration with them. */
export class SshKeys {
  readonly folder: string;
  readonly hostKey: string;
  readonly userKey: string;
  readonly configFile: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "bench-sshd-"));
    this.hostKey = this.#newKey("host");
    this.userKey = this.#newKey("user");
    this.configFile = join(this.folder, "ssh_config");
    const [kind, key] = readFileSync(`${this.hostKey}.pub`, "utf8").split(" ");
    const known = join(this.folder, "known_hosts");
    writeFileSync(known, `* ${kind} ${key}\n`);
    writeFileSync(
      this.configFile,
      [
        ...["Host *", `  IdentityFile ${this.userKey}`, "  IdentitiesOnly yes"],
        ...["  IdentityAgent none", `  UserKnownHostsFile ${known}`, "  StrictHostKeyChecking yes"],
        ...["  GlobalKnownHostsFile /dev/null", `  User ${userInfo().username}`, ""],
      ].join("\n"),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #newKey(name: string): string {
    const path = join(this.folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
    return path;
  }
}
