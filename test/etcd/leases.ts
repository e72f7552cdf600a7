/** Reads etcd's lease counters and lists its leases. */
import { execFileSync } from "node:child_process";
import { memberMetric } from "./member-metric.ts";
import { etcdForTests } from "./real-etcd.ts";

export interface LeaseCounts {
  granted: number;
  renewed: number;
  revoked: number;
}

/** Counts since the start of the member at `endpoint`. */
export async function leaseCounts(endpoint: string): Promise<LeaseCounts> {
  const value = (name: string) => memberMetric(endpoint, `etcd_debugging_lease_${name}_total`);
  return {
    granted: await value("granted"),
    renewed: await value("renewed"),
    revoked: await value("revoked"),
  };
}

/** Lists lease ids in hexadecimal with etcdctl; null when there is no etcdctl next to etcd. */
export async function listLeases(endpoint: string): Promise<string[] | null> {
  const output = await etcdctl(endpoint, "lease", "list");
  return output === null ? null : (output.match(/^[0-9a-f]{10,16}$/gm) ?? []);
}

/** Runs etcdctl; null when there is none next to the etcd under test. */
export async function etcdctl(endpoint: string, ...args: string[]): Promise<string | null> {
  const { etcdctlPath } = await etcdForTests();
  if (etcdctlPath === null) return null;
  const env = { ...process.env, ETCDCTL_API: "3" };
  return execFileSync(etcdctlPath, [`--endpoints=${endpoint}`, ...args], { env, encoding: "utf8" });
}
