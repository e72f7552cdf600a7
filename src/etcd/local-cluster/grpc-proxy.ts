/** etcd's grpc-proxy in front of a cluster that bench started: its command line, and when it serves. */
import { setTimeout as delay } from "node:timers/promises";
import type { Access } from "../../access/access.ts";
import { BenchError } from "../../errors.ts";
import { probeEndpoint } from "../probe.ts";
import { memberEnvironment } from "./member-process.ts";
import { type Launch, OwnProcess } from "./own-process.ts";

export interface GrpcProxySettings {
  name: string;
  etcdPath: string;
  /** Where it listens: `host:port`. */
  endpoint: string;
  /** Of the members, for their clients. */
  members: readonly string[];
  dataDir: string;
  logPath: string;
  /** Whether the members and the proxy speak TLS, and the flags by which it does. */
  isTls: boolean;
  securityArgs: readonly string[];
}

const POLL_MS = 25;
const PROBE_MS = 2_000;

export class GrpcProxyProcess extends OwnProcess<GrpcProxySettings> {
  protected readonly hasChildren = false;

  /** Resolves true once it serves, false where it ended or did not within the bound. */
  async awaitServing(tls: Access["tls"], boundMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + boundMs;
    while (performance.now() < deadlineMs) {
      try {
        await probeEndpoint(this.settings.endpoint, PROBE_MS, "--grpc-proxy", tls);
        // A stranger may have taken the port, and then ours has ended.
        if (this.end === null) return true;
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
      }
      if (this.end !== null) return false;
      await delay(POLL_MS);
    }
    return false;
  }

  protected launch(): Launch {
    const command = [this.settings.etcdPath, ...grpcProxyArgs(this.settings)];
    return { command, env: memberEnvironment(process.env) };
  }
}

/** Only flags that every etcd from 3.4 to 3.7 knows. */
export function grpcProxyArgs(settings: Omit<GrpcProxySettings, "name" | "etcdPath">): string[] {
  const { endpoint, members, dataDir, isTls, securityArgs } = settings;
  const scheme = isTls ? "https://" : "";
  return [
    "grpc-proxy",
    "start",
    `--endpoints=${members.map((member) => scheme + member).join(",")}`,
    `--listen-addr=${endpoint}`,
    `--advertise-client-url=${endpoint}`,
    `--data-dir=${dataDir}`,
    ...securityArgs,
  ];
}
