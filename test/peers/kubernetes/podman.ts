/**
 * Runs the pods of a manifest as podman containers, with its commands, users, rights and mounts, in
 * one network without access to any other.
 */
import { execFile } from "node:child_process";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { ISecret } from "kubernetes-models/v1/Secret";

const run = promisify(execFile);
/** Podman ends a container left by a test after this time. */
const LIMIT_SECONDS = 900;
/** Podman's default is to raise limits, which some machines do not allow. */
const LIMITS = ["--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"];
const RUNTIMES = [[], ["--runtime=runc"], ["--runtime=crun"]];

export class Podman {
  readonly #folder: string;
  /** Storage for this instance only, so that no image stays on the machine. */
  readonly #storage: readonly string[];
  #runtime: readonly string[] = [];
  readonly #containers: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#storage = [`--root=${join(folder, "storage")}`, `--runroot=${join(folder, "run")}`];
  }

  /** Resolves to null when containers of the image run, otherwise to the reason. */
  async build(image: string, file: string, context: string): Promise<string | null> {
    let reason = "";
    for (const runtime of RUNTIMES) {
      this.#runtime = runtime;
      try {
        await this.call(["build", `--tag=${image}`, `--file=${file}`, context]);
        await this.once(image, ["bench", "--version"]);
        return null;
      } catch (error) {
        const { stderr = "" } = error as { stderr?: string };
        reason = stderr.trim().split("\n").at(-1) ?? "";
      }
    }
    return `podman runs no container here: ${reason}`;
  }

  /** Resolves to standard output. @throws an error with `stdout` and `stderr` */
  async call(args: readonly string[]): Promise<string> {
    const all = [...this.#storage, ...this.#runtime, ...args];
    return (await run("podman", all, { maxBuffer: 1 << 26 })).stdout;
  }

  /** Runs a command in a new container. */
  async once(image: string, [program, ...args]: readonly string[]): Promise<string> {
    const safe = ["--network=none", "--read-only", "--cap-drop=all"];
    return await this.call([
      ...["run", "--rm", ...safe, ...LIMITS, `--entrypoint=${program}`, image, ...args],
    ]);
  }

  /** Runs a command in a running container. */
  async exec(container: string, command: readonly string[]): Promise<string> {
    return await this.call(["exec", container, ...command]);
  }

  /**
   * Starts a container of a pod. Resolves to its id.
   * @param network `none`, or `container:ID` to share the network of another container
   * @param index completion index of an Indexed Job
   */
  async start(
    pod: IPodSpec,
    container: IContainer,
    { secret, hosts, network, index = "" }: PodOptions,
  ): Promise<string> {
    const { runAsUser, runAsGroup, fsGroup } = pod.securityContext!;
    const { readOnlyRootFilesystem, capabilities } = container.securityContext!;
    const place = join(this.#folder, `container-${this.#containers.length}`);
    mkdirSync(place);
    writeFileSync(join(place, "hosts"), `127.0.0.1 localhost ${hosts.join(" ")}\n`);
    const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => {
      const { secret: volume } = pod.volumes!.find((each) => each.name === name)!;
      if (volume === undefined) return `--tmpfs=${mountPath}:mode=1777`;
      const local = join(place, name);
      mkdirSync(local);
      for (const { key, path } of volume.items!) {
        const file = join(local, path);
        writeFileSync(file, Buffer.from(secret.data![key]!, "base64"), {
          mode: volume.defaultMode!,
        });
        chownSync(file, 0, fsGroup!);
      }
      return `--volume=${local}:${mountPath}:ro`;
    });
    const [program, ...words] = [...container.command!, ...(container.args ?? [])].map((word) =>
      word.replace("$(JOB_COMPLETION_INDEX)", index),
    );
    const printed = await this.call([
      ...["run", "--detach", `--timeout=${LIMIT_SECONDS}`, `--network=${network}`, ...LIMITS],
      ...[`--read-only=${readOnlyRootFilesystem}`, "--read-only-tmpfs=false"],
      ...capabilities!.drop!.map((name) => `--cap-drop=${name}`),
      ...["--security-opt=no-new-privileges", `--user=${runAsUser}:${runAsGroup}`],
      ...[`--volume=${join(place, "hosts")}:/etc/hosts:ro`, ...mounts],
      ...(container.env ?? []).map(({ name, value }) => `--env=${name}=${value}`),
      ...(container.workingDir === undefined ? [] : [`--workdir=${container.workingDir}`]),
      ...[`--entrypoint=${program}`, container.image!, ...words],
    ]);
    const id = printed.trim();
    this.#containers.push(id);
    return id;
  }

  async end(): Promise<void> {
    for (const id of this.#containers.reverse()) await this.call(["rm", "--force", "--time=1", id]);
    await this.call(["rmi", "--all", "--force"]);
  }
}

export interface PodOptions {
  secret: ISecret;
  /** Host names that resolve to this container's network. */
  hosts: readonly string[];
  network: string;
  index?: string;
}
