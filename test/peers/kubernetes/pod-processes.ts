/**
 * Runs a pod's containers as local processes, like a kubelet: variables in arguments, mounted Secrets
 * and folders, a separate pod address, restarts, readiness and logs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { patient } from "../../harness/patience.ts";
import { DNS_FILE } from "./cluster-dns.ts";

const PRELOAD = fileURLToPath(new URL("cluster-dns.js", import.meta.url));
/** Restart delay; a real kubelet starts with 10 s. */
const RESTART_MS = 300;
const PROBE_MS = 200;
const OWN_ADDRESSES = /\b(0\.0\.0\.0|127\.0\.0\.1)\b/g;
const KILL_AFTER_MS = patient(5_000);

export interface PodEnvironment {
  folder: string;
  /** A loopback address for this pod only. */
  ip: string;
  dnsFile: string;
  /** By the first word of a command. */
  programs: Readonly<Record<string, readonly string[]>>;
  /** Keys and values, in base64. */
  secretData(name: string): Readonly<Record<string, string>>;
  onChange(): void;
}

export interface ContainerState {
  name: string;
  restarts: number;
  isReady: boolean;
  /** Null while it runs. */
  exitCode: number | null;
}

class ContainerProcess {
  readonly spec: IContainer;
  readonly state: ContainerState;
  log = "";
  child: ChildProcess | null = null;

  constructor(spec: IContainer) {
    this.spec = spec;
    this.state = { name: spec.name, restarts: 0, isReady: false, exitCode: null };
  }
}

export class PodProcesses {
  readonly containers: readonly ContainerProcess[];
  readonly #spec: IPodSpec;
  readonly #environment: PodEnvironment;
  /** By the container's name. */
  readonly #mounts: ReadonlyMap<string, readonly (readonly [mount: string, local: string])[]>;
  #isEnding = false;

  constructor(spec: IPodSpec, environment: PodEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const volumes = new Map(
      (spec.volumes ?? []).map((volume) => [volume.name, this.#fill(volume)]),
    );
    this.#mounts = new Map(
      spec.containers.map((container) => [
        container.name,
        (container.volumeMounts ?? []).map(({ name, mountPath }) => {
          const local = volumes.get(name);
          if (local === undefined) throw new Error(`no volume ${name}`);
          return [mountPath, local] as const;
        }),
      ]),
    );
    this.containers = spec.containers.map((container) => new ContainerProcess(container));
    for (const container of this.containers) this.#start(container);
  }

  /** Runs a command in a container, as `kubectl exec` does. */
  async exec(name: string, command: readonly string[]) {
    const { spec } = this.containers.find((each) => each.spec.name === name)!;
    const child = this.#spawn(spec, command);
    const texts = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        texts[stream] += text;
      });
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, ...texts };
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const running = this.containers.flatMap(({ child }) => child ?? []);
    await Promise.all(
      running.map(async (child) => {
        const ended = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
        await ended;
        clearTimeout(timer);
      }),
    );
  }

  #fill(volume: NonNullable<IPodSpec["volumes"]>[number]): string {
    const local = join(this.#environment.folder, volume.name);
    mkdirSync(local, { recursive: true });
    if (volume.secret === undefined) return local;
    const data = this.#environment.secretData(volume.secret.secretName!);
    for (const { key, path } of volume.secret.items ?? []) {
      const value = data[key];
      if (value === undefined) throw new Error(`no key ${key} in ${volume.secret.secretName}`);
      // The group's file mode only matters with the users of a real container.
      writeFileSync(join(local, path), Buffer.from(value, "base64"), { mode: 0o400 });
    }
    return local;
  }

  #start(container: ContainerProcess): void {
    const { spec, state } = container;
    const words = [...(spec.command ?? []), ...(spec.args ?? [])];
    // A pod has its own network.
    const child = this.#spawn(
      spec,
      words.map((word) => word.replaceAll(OWN_ADDRESSES, this.#environment.ip)),
    );
    container.child = child;
    state.exitCode = null;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        container.log += text;
      });
    }
    child.once("close", (code) => this.#onEnd(container, code ?? 137));
    void this.#awaitReady(container, child);
  }

  #onEnd(container: ContainerProcess, code: number): void {
    container.child = null;
    container.state.exitCode = code;
    container.state.isReady = false;
    this.#environment.onChange();
    const { restartPolicy = "Always" } = this.#spec;
    const isAgain = restartPolicy === "Always" || (restartPolicy === "OnFailure" && code !== 0);
    if (!isAgain) return;
    setTimeout(() => {
      if (this.#isEnding) return;
      container.state.restarts += 1;
      this.#start(container);
      this.#environment.onChange();
    }, RESTART_MS);
  }

  async #awaitReady({ spec, state }: ContainerProcess, child: ChildProcess): Promise<void> {
    const { httpGet } = spec.readinessProbe ?? {};
    const isGone = () => child.exitCode !== null || child.signalCode !== null;
    while (!isGone()) {
      if (httpGet === undefined || (await this.#answers(Number(httpGet.port), httpGet.path!))) {
        state.isReady = true;
        this.#environment.onChange();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }

  #answers(port: number, path: string): Promise<boolean> {
    return new Promise((resolve) => {
      const probe = request({ host: this.#environment.ip, port, path }, (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      });
      probe.once("error", () => resolve(false));
      probe.end();
    });
  }

  #spawn(spec: IContainer, command: readonly string[]): ChildProcess {
    const { programs, dnsFile, folder } = this.#environment;
    const variables = Object.fromEntries(
      (spec.env ?? []).map(({ name, value = "" }) => [name, this.#local(spec, value)]),
    );
    const words = command.map((word) =>
      this.#local(
        spec,
        word.replace(/\$\((\w+)\)/g, (all, name: string) => variables[name] ?? all),
      ),
    );
    const program = programs[words[0]!];
    if (program === undefined) throw new Error(`no ${words[0]} in the image`);
    const [file, ...first] = program;
    return spawn(file!, [...first, ...words.slice(1)], {
      cwd: spec.workingDir === undefined ? folder : this.#local(spec, spec.workingDir),
      env: {
        ...{ PATH: process.env.PATH, ...variables },
        ...{ NODE_OPTIONS: `--import=${PRELOAD}`, [DNS_FILE]: dnsFile },
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Converts a path below a mount, alone or as a flag's value, to the local path. */
  #local(spec: IContainer, text: string): string {
    const [, head = "", path] = /^([^/]*)(\/.*)$/.exec(text) ?? [];
    if (path === undefined) return text;
    const found = this.#mounts
      .get(spec.name)!
      .find(([mount]) => `${path}/`.startsWith(`${mount}/`));
    return found === undefined ? text : `${head}${found[1]}${path.slice(found[0].length)}`;
  }
}
