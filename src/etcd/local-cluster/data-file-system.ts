/** Owns naming the file system that a folder lies on, since fsync costs what that makes it cost. */
import { readFileSync, realpathSync } from "node:fs";
import { isSystemError } from "../../system-error.ts";

/** `ext4`, `tmpfs`, `overlay`, ...; null where the system does not tell (/proc cannot be read). */
export function fileSystemOf(folder: string): string | null {
  let mounts: string;
  try {
    mounts = readFileSync("/proc/self/mounts", "utf8");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
  return fileSystemIn(mounts, realpathSync(folder));
}

/** Reads the format of fstab(5): the longest mount point above the folder, the latest of equals. */
export function fileSystemIn(mounts: string, folder: string): string | null {
  let best = { mountPoint: "", type: null as string | null };
  for (const line of mounts.split("\n")) {
    const [, escaped, type] = line.split(" ");
    if (escaped === undefined || type === undefined) continue;
    // Spaces and their like stand as octal escapes.
    const mountPoint = escaped.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const prefix = mountPoint.endsWith("/") ? mountPoint : `${mountPoint}/`;
    const holds = folder === mountPoint || folder.startsWith(prefix);
    if (holds && mountPoint.length >= best.mountPoint.length) best = { mountPoint, type };
  }
  return best.type;
}
