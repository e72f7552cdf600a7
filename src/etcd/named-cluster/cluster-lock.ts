/**
 * Lets one process at a time change a cluster. Each that wants to has a file named after itself; it
 * may go on when no other living process has one. A dead one's file is void, and is removed.
 */
import { randomInt } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { usageError } from "../../errors.ts";
import { identityOf, isAlive } from "../local-cluster/process-identity.ts";
import { LOCK_PREFIX as PREFIX } from "./clusters-folder.ts";

const RETRY_MS = 50;
const PATIENCE_MS = 90_000;

/** Runs `change` while no other process changes the cluster. @throws BenchError after 90 s */
export async function withClusterLock<T>(folder: string, change: () => Promise<T>): Promise<T> {
  const { pid, startTime } = identityOf(process.pid);
  const own = `${PREFIX}${pid}.${encodeURIComponent(startTime ?? "")}`;
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    let other = otherHolder(folder, own);
    if (other === null) {
      writeFileSync(join(folder, own), "");
      // Of two that come at the same time at least one sees the other here.
      other = otherHolder(folder, own);
      if (other === null) break;
      rmSync(join(folder, own), { force: true });
    }
    if (performance.now() > deadlineMs) {
      throw usageError(`${folder} is being changed by process ${other}: wait for it, or end it`);
    }
    await delay(RETRY_MS + randomInt(RETRY_MS));
  }
  try {
    return await change();
  } finally {
    rmSync(join(folder, own), { force: true });
  }
}

/** The pid of another living process that has a file; null where there is none. */
function otherHolder(folder: string, own: string): number | null {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(PREFIX) || file === own) continue;
    const [, pid = "", startTime = ""] = /^lock\.(\d+)\.(.*)$/.exec(file) ?? [];
    const holder = { pid: Number(pid), startTime: decodeURIComponent(startTime) };
    if (isAlive(holder)) return holder.pid;
    rmSync(join(folder, file), { force: true });
  }
  return null;
}
