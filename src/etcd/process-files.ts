/**
 * Lets one process at a time hold a folder. Each that wants to has a file there, named after itself; it
 * holds the folder when no other living process has one. The file of a dead process is void, and is removed.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, isAlive, type ProcessIdentity } from "./local-cluster/process-identity.ts";

/**
 * The pid of another living process that has a file; null where there is none, and this one holds the folder.
 * Two that come at the same time can refuse each other: they try again after a random time.
 * @param prefix of the names of these files
 * @throws the system's error where the folder cannot be read or written
 */
export function holdFolder(folder: string, prefix: string): number | null {
  const own = ownFile(prefix);
  const before = otherHolder(folder, prefix, own);
  if (before !== null) return before;
  writeFileSync(join(folder, own), "");
  // Of two that come at the same time at least one sees the other here.
  const other = otherHolder(folder, prefix, own);
  if (other !== null) rmSync(join(folder, own), { force: true });
  return other;
}

export function letGoOfFolder(folder: string, prefix: string): void {
  rmSync(join(folder, ownFile(prefix)), { force: true });
}

/** Its name has the boot of the machine, too: a process of an earlier boot is dead. */
function ownFile(prefix: string): string {
  const { pid, startTime } = identityOf(process.pid);
  return `${prefix}${pid}.${encodeURIComponent(startTime ?? "")}`;
}

function otherHolder(folder: string, prefix: string, own: string): number | null {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(prefix) || file === own) continue;
    const holder = holderOf(file.slice(prefix.length));
    if (isAlive(holder)) return holder.pid;
    rmSync(join(folder, file), { force: true });
  }
  return null;
}

function holderOf(name: string): ProcessIdentity {
  const [, pid = "", startTime = ""] = /^(\d+)\.(.*)$/.exec(name) ?? [];
  return { pid: Number(pid), startTime: decodeURIComponent(startTime) };
}
