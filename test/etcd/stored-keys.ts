/** Reads the keys that etcd has after a run, through our control client and through etcdctl. */
import { execFileSync } from "node:child_process";
import { ControlClient } from "../../src/etcd/control-client.ts";
import { patient } from "../harness/patience.ts";
import { etcdForTests } from "./real-etcd.ts";

/** For etcd, these two values together mean all keys. */
const ALL_KEYS = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) };
/** Timeout of one call; only a hang reaches it. */
const TIMEOUT_MS = patient(30_000);

export interface StoredKey {
  key: Buffer;
  value: Buffer;
  /** Number of puts since the key was created. */
  version: number;
}

export interface Stored {
  revision: number;
  keys: StoredKey[];
}

/** Reads all keys in order, linearizably. */
export function readStored(endpoint: string): Promise<Stored> {
  return withClient(endpoint, async (client) => {
    const { revision, kvs } = await client.range(ALL_KEYS);
    return { revision, keys: kvs.map(({ key, value, version }) => ({ key, value, version })) };
  });
}

export function deleteStored(endpoint: string): Promise<void> {
  return withClient(endpoint, async (client) => {
    await client.deleteRange(ALL_KEYS);
  });
}

export function store(endpoint: string, key: string, value: string): Promise<void> {
  return withClient(endpoint, async (client) => {
    await client.put({ key: Buffer.from(key), value: Buffer.from(value) });
  });
}

/** Counts keys with etcdctl; null when there is none next to the etcd under test. */
export async function countByEtcdctl(endpoint: string): Promise<number | null> {
  const { etcdctlPath } = await etcdForTests();
  if (etcdctlPath === null) return null;
  // etcdctl 3.4 has no --count-only; the count includes all keys, despite the limit.
  const args = [`--endpoints=${endpoint}`, "get", "--prefix", "", "--limit=1", "-w", "fields"];
  const env = { ...process.env, ETCDCTL_API: "3" };
  const output = execFileSync(etcdctlPath, args, { env, encoding: "utf8" });
  return Number(/"Count" : (\d+)/.exec(output)?.[1]);
}

async function withClient<Answer>(
  endpoint: string,
  use: (client: ControlClient) => Promise<Answer>,
): Promise<Answer> {
  const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
