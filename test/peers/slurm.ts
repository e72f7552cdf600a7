/**
 * Starts a real Slurm with one node for tests, from Debian's slurm-wlm and munge: slurmctld, slurmd
 * and munged with separate configuration, keys, ports and folders. It changes nothing in the system.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { until } from "../harness/conditions.ts";

const DAEMONS = ["munged", "slurmctld", "slurmd"] as const;
const FOLDERS = ["/usr/sbin", "/usr/local/sbin"];
const pathOf = (name: string) =>
  FOLDERS.map((at) => join(at, name)).find((path) => existsSync(path));
const missing = DAEMONS.find((name) => pathOf(name) === undefined);

/** Why Slurm is not available; null when it is. */
export const NO_SLURM =
  missing !== undefined
    ? `${missing} is not installed (Debian: slurm-wlm, munge)`
    : userInfo().uid !== 0
      ? "slurmd runs as root alone"
      : null;

export class Slurm {
  /** The value of SLURM_CONF. */
  readonly configFile: string;
  readonly #folder: string;
  readonly #daemons: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.configFile = join(folder, "slurm.conf");
  }

  /** Resolves when its node accepts jobs of up to `cpus` tasks. */
  static async start(cpus: number): Promise<Slurm> {
    for (;;) {
      const slurm = new Slurm(mkdtempSync(join(tmpdir(), "bench-slurm-")));
      if (await slurm.#begin(cpus)) return slurm;
      // Another program took a port that was free before.
      await slurm.stop();
    }
  }

  async stop(): Promise<void> {
    // A step that ended repeats its report until the controller receives it.
    await until("the steps of jobs have ended", () => this.#steps().length === 0);
    // slurmd ends first, so that it restarts nothing.
    for (const daemon of this.#daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = new Promise((resolve) => daemon.once("exit", resolve));
      daemon.kill("SIGTERM");
      const timer = setTimeout(() => daemon.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Finds processes of slurmd by their working folder, which only this instance uses. */
  #steps(): string[] {
    return readdirSync("/proc").filter((pid) => {
      try {
        const isStep = /^\d+$/.test(pid) && /^slurmstepd/.test(commOf(pid));
        return isStep && readlinkSync(`/proc/${pid}/cwd`) === this.#folder;
      } catch {
        // The process ended during the search.
        return false;
      }
    });
  }

  async #begin(cpus: number): Promise<boolean> {
    const at = (name: string) => join(this.#folder, name);
    const [controllerPort, nodePort] = (await freePorts(2)) as [number, number];
    const node = hostname().split(".")[0];
    for (const name of ["state", "spool"]) mkdirSync(at(name));
    writeFileSync(at("munge.key"), randomBytes(128), { mode: 0o400 });
    writeFileSync(
      this.configFile,
      [
        ...["ClusterName=bench", `SlurmctldHost=${node}(127.0.0.1)`, "SlurmUser=root"],
        ...[`SlurmctldPort=${controllerPort}`, `SlurmdPort=${nodePort}`, "SlurmdUser=root"],
        ...["AuthType=auth/munge", "CredType=cred/munge", `AuthInfo=socket=${at("munge.socket")}`],
        ...[`StateSaveLocation=${at("state")}`, `SlurmdSpoolDir=${at("spool")}`],
        ...[`SlurmctldPidFile=${at("slurmctld.pid")}`, `SlurmdPidFile=${at("slurmd.pid")}`],
        ...["ProctrackType=proctrack/pgid", "TaskPlugin=task/none", "SwitchType=switch/none"],
        ...["MpiDefault=none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU"],
        ...["ReturnToService=2", "SlurmdParameters=config_overrides"],
        ...[
          "JobAcctGatherType=jobacct_gather/none",
          "AccountingStorageType=accounting_storage/none",
        ],
        `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN`,
        "PartitionName=load Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
        "",
      ].join("\n"),
    );
    this.#spawn("munged", [
      ...["--force", "--foreground", `--key-file=${at("munge.key")}`, "--num-threads=2"],
      ...[`--socket=${at("munge.socket")}`, `--pid-file=${at("munged.pid")}`],
      ...[`--log-file=${at("munged.log")}`, `--seed-file=${at("munge.seed")}`],
    ]);
    await until("munged has its socket", () => existsSync(at("munge.socket")));
    for (const name of ["slurmctld", "slurmd"] as const) {
      this.#spawn(name, ["-D", "-f", this.configFile]);
    }
    return await until("the node of Slurm is idle", () => {
      if (this.#daemons.some(({ exitCode }) => exitCode !== null)) return { isUp: false };
      const { stdout } = spawnSync("sinfo", ["--noheader", "--format=%T"], {
        env: { ...process.env, SLURM_CONF: this.configFile },
        encoding: "utf8",
        timeout: 10_000,
      });
      return stdout.trim() === "idle" && { isUp: true };
    }).then(({ isUp }) => isUp);
  }

  #spawn(name: (typeof DAEMONS)[number], args: readonly string[]): void {
    const output = openSync(join(this.#folder, `${name}.out`), "w");
    this.#daemons.push(
      spawn(pathOf(name)!, args, { cwd: this.#folder, stdio: ["ignore", output, output] }),
    );
    closeSync(output);
  }
}

function commOf(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8");
}
