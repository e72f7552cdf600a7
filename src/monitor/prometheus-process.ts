/** Starts a Prometheus, waits until it answers, and ends it by its process. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { BenchError, EXIT } from "../errors.ts";
import { endWithProcess } from "../etcd/local-cluster/exit-cleanup.ts";
import { splitEndpoint } from "../net/host-port.ts";
import { listenAt } from "../net/listen.ts";
import { listenFailure } from "../stream/listen-failure.ts";
import { reason } from "../system-error.ts";

const READY_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** It writes what it has in memory; after that it is killed. */
const END_MS = 20_000;

export interface PrometheusOptions {
  program: string;
  configFile: string;
  dataFolder: string;
  logFile: string;
  /** `host:port`. */
  address: string;
}

export class PrometheusProcess {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  /** Resolves when it has ended, to how it did. */
  readonly ended: Promise<string>;

  /**
   * Resolves when it answers, or `stop` is aborted.
   * @throws BenchError where the address is taken, or it ends before it answers
   */
  static async start(options: PrometheusOptions, stop: AbortSignal): Promise<PrometheusProcess> {
    // Whatever listens there already would answer in its place.
    await assertFree(options.address);
    const running = new PrometheusProcess(options);
    try {
      await running.#ready(options.address, stop);
      return running;
    } catch (error) {
      await running.end();
      throw error;
    }
  }

  private constructor({ program, configFile, dataFolder, logFile, address }: PrometheusOptions) {
    this.#logFile = logFile;
    const log = openSync(logFile, "w");
    const child = spawn(
      program,
      [
        ...[`--config.file=${configFile}`, `--storage.tsdb.path=${dataFolder}`],
        ...[`--web.listen-address=${address}`, "--web.enable-remote-write-receiver"],
        // Versions before 3.8 need it, later ones ignore it.
        "--enable-feature=native-histograms",
      ],
      { stdio: ["ignore", log, log] },
    );
    closeSync(log);
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(`it could not be started: ${reason(error)}`));
      child.once("exit", (code, signal) =>
        resolve(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
      );
    });
    // Where bench is left by a signal that ends it at once.
    const forget = endWithProcess(() => child.kill("SIGKILL"));
    void this.ended.then(forget);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last line of its log that says what went wrong; empty without one. */
  get lastError(): string {
    const lines = readFileSync(this.#logFile, "utf8").split("\n");
    const line = lines.findLast((each) => /level=error|level=ERROR|error/i.test(each)) ?? "";
    const [, quoted] = /err="((?:[^"\\]|\\.)*)"/.exec(line) ?? [];
    return (quoted ?? line).slice(0, 300);
  }

  /** By SIGTERM, and by SIGKILL where it takes too long. */
  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async #ready(address: string, stop: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + READY_MS;
    let how: string | null = null;
    void this.ended.then((text) => {
      how = text;
    });
    while (!stop.aborted && !(await answers(`http://${address}/-/ready`))) {
      if (how !== null) {
        const { lastError } = this;
        const why = lastError === "" ? "" : `: ${lastError}`;
        throw new BenchError(`prometheus: ${how}${why}; its log is ${this.#logFile}`, EXIT.failed);
      }
      if (performance.now() > deadlineMs) {
        throw new BenchError(
          `prometheus did not answer at ${address} within ${READY_MS / 1000} s; its log is ${this.#logFile}`,
          EXIT.failed,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }
}

async function assertFree(address: string): Promise<void> {
  const { host, port } = splitEndpoint(address);
  try {
    const { servers } = await listenAt(host, port, createServer);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  } catch (error) {
    throw listenFailure("listen", address, error as NodeJS.ErrnoException);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.text();
    return response.ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}
