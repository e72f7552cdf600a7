/**
 * Starts each common kind of proxy in front of an etcd: etcd's own, nginx, haproxy and nghttpx, the
 * last three when they are installed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchError } from "../../src/errors.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { probeEndpoint } from "../../src/etcd/probe.ts";
import { allOnPath } from "../../src/executable.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

export interface ProxyKind {
  name: string;
  /** Path of the program; null when it is not installed. */
  program(): Promise<string | null>;
  /** Arguments of the program; writes its files into `folder`, its working folder. */
  args(place: Place): string[];
}

interface Place {
  folder: string;
  /** Loopback port on which the proxy listens. */
  port: number;
  /** `host:port` of the etcd behind it. */
  etcd: string;
}

export interface RunningProxy {
  endpoint: string;
  stop(): Promise<void>;
}

/** Many users do not have the folders of servers on their PATH. */
const SERVER_PATH = { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

const installed = (name: string) => async () => allOnPath(name, SERVER_PATH)[0] ?? null;

const grpcProxy: ProxyKind = {
  name: "etcd grpc-proxy",
  program: async () => (await etcdForTests()).path,
  args: ({ folder, port, etcd }) => [
    "grpc-proxy",
    "start",
    `--endpoints=${etcd}`,
    `--listen-addr=127.0.0.1:${port}`,
    `--advertise-client-url=127.0.0.1:${port}`,
    `--data-dir=${join(folder, "data")}`,
  ],
};

/** nginx sends GOAWAY after its default of 1,000 requests on a connection. */
const nginx: ProxyKind = {
  name: "nginx",
  program: installed("nginx"),
  args({ folder, port, etcd }) {
    const config = join(folder, "nginx.conf");
    mkdirSync(join(folder, "temp"));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `  ${kind}_temp_path ${join(folder, "temp", kind)};`)
      .join("\n");
    writeFileSync(
      config,
      `daemon off;
master_process off;
pid ${join(folder, "nginx.pid")};
error_log stderr;
events {}
http {
  access_log off;
${temporary}
  server {
    listen 127.0.0.1:${port} http2;
    location / {
      grpc_pass grpc://${etcd};
    }
  }
}
`,
    );
    return ["-p", folder, "-c", config, "-e", "stderr"];
  },
};

const haproxy: ProxyKind = {
  name: "haproxy",
  program: installed("haproxy"),
  args({ folder, port, etcd }) {
    const config = join(folder, "haproxy.cfg");
    writeFileSync(
      config,
      `defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend clients
  bind 127.0.0.1:${port} proto h2
  default_backend etcd
backend etcd
  server etcd ${etcd} proto h2
`,
    );
    return ["-db", "-f", config];
  },
};

const nghttpx: ProxyKind = {
  name: "nghttpx",
  program: installed("nghttpx"),
  args: ({ port, etcd }) => [
    "--conf=/dev/null",
    "--single-process",
    `--frontend=127.0.0.1,${port};no-tls`,
    `--backend=${etcd.replace(":", ",")};;proto=h2`,
    "--errorlog-file=/dev/stderr",
  ],
};

export const PROXY_KINDS: readonly ProxyKind[] = [grpcProxy, nginx, haproxy, nghttpx];

/** A chosen free port can be taken by another program before the proxy listens on it. */
const START_ATTEMPTS = 5;

/** Resolves when the proxy speaks HTTP/2 to clients. */
export async function startProxy(kind: ProxyKind, etcd: string): Promise<RunningProxy> {
  const program = await kind.program();
  if (program === null) throw new Error(`there is no ${kind.name} here`);
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), "bench-proxy-"));
    const [port] = (await freePorts(1)) as [number];
    const proxy = new ProxyProcess(program, kind.args({ folder, port, etcd }), folder, port);
    if (await proxy.answers()) return proxy;
    await proxy.stop();
    if (attempt === START_ATTEMPTS) {
      throw new Error(`${kind.name} does not start; it said: ${proxy.output}`);
    }
  }
}

/** Timeout of one attempt; more attempts follow. */
const ANSWER_MS = patient(1_000);

class ProxyProcess implements RunningProxy {
  readonly endpoint: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  output = "";
  #isOver = false;

  constructor(program: string, args: readonly string[], folder: string, port: number) {
    this.endpoint = `127.0.0.1:${port}`;
    this.#folder = folder;
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#isOver = true;
        resolve();
      };
      child.on("exit", end);
      child.on("error", end);
    });
  }

  async answers(): Promise<boolean> {
    let isReady = false;
    await until(`${this.endpoint} answers or ends`, async () => {
      isReady = await speaksHttp2(this.endpoint);
      return isReady || this.#isOver;
    });
    return isReady && !this.#isOver;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    // Some proxies wait for their clients at the end; none has data to save.
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2_000);
    await this.#ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function speaksHttp2(endpoint: string): Promise<boolean> {
  try {
    await probeEndpoint(endpoint, ANSWER_MS);
    return true;
  } catch (error) {
    if (error instanceof BenchError) return false;
    throw error;
  }
}
