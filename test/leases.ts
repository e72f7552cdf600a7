/** Owns looking at etcd's leases: its counters of them, and the ones that are there. */
import { execFileSync } from "node:child_process";
import { etcdForTests } from "./real-etcd.ts";

export interface LeaseCounts {
  granted: number;
  renewed: number;
  revoked: number;
}

/** Since the member at `endpoint` started. */
export async function leaseCounts(endpoint: string): Promise<LeaseCounts> {
  const response = await fetch(`http://${endpoint}/metrics`);
  const text = await response.text();
  const value = (name: string) => {
    const line = new RegExp(`^etcd_debugging_lease_${name}_total (\\S+)$`, "m").exec(text);
    if (line === null) throw new Error(`etcd's metrics lack lease_${name}_total`);
    return Number(line[1]);
  };
  return { granted: value("granted"), renewed: value("renewed"), revoked: value("revoked") };
}

/** Hexadecimal ids, by etcdctl; null where none stands beside the etcd under test. */
export async function listLeases(endpoint: string): Promise<string[] | null> {
  const output = await etcdctl(endpoint, "lease", "list");
  return output === null ? null : (output.match(/^[0-9a-f]{10,16}$/gm) ?? []);
}

/** Null where no etcdctl stands beside the etcd under test. */
export async function etcdctl(endpoint: string, ...args: string[]): Promise<string | null> {
  const { etcdctlPath } = await etcdForTests();
  if (etcdctlPath === null) return null;
  const env = { ...process.env, ETCDCTL_API: "3" };
  return execFileSync(etcdctlPath, [`--endpoints=${endpoint}`, ...args], { env, encoding: "utf8" });
}
