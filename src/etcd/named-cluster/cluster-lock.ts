/** Lets one process at a time change a cluster: the one that holds its folder. */
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { usageError } from "../../errors.ts";
import { holdFolder, letGoOfFolder } from "../process-files.ts";
import { LOCK_PREFIX as PREFIX } from "./clusters-folder.ts";

const RETRY_MS = 50;
const PATIENCE_MS = 90_000;

/** Runs `change` while no other process changes the cluster. @throws BenchError after 90 s */
export async function withClusterLock<T>(folder: string, change: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const other = holdFolder(folder, PREFIX);
    if (other === null) break;
    if (performance.now() > deadlineMs) {
      throw usageError(`${folder} is being changed by process ${other}: wait for it, or end it`);
    }
    await delay(RETRY_MS + randomInt(RETRY_MS));
  }
  try {
    return await change();
  } finally {
    letGoOfFolder(folder, PREFIX);
  }
}
