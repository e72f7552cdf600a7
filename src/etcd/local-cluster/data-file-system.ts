/** Names the file system of a folder, since the cost of fsync depends on it. */
import { realpathSync } from "node:fs";
import { systemFiles } from "../../machine/system-files.ts";

/** `ext4`, `tmpfs`, `overlay`, ...; null where the system does not tell (/proc cannot be read). */
export function fileSystemOf(folder: string): string | null {
  const mounts = systemFiles.read("/proc/self/mounts");
  return mounts === null ? null : fileSystemIn(mounts, realpathSync(folder));
}

/** Reads the format of fstab(5): the longest mount point above the folder, the latest of equals. */
export function fileSystemIn(mounts: string, folder: string): string | null {
  let best = { mountPoint: "", type: null as string | null };
  for (const line of mounts.split("\n")) {
    const [, escaped, type] = line.split(" ");
    if (escaped === undefined || type === undefined) continue;
    // Spaces and their like are octal escapes.
    const mountPoint = escaped.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const prefix = mountPoint.endsWith("/") ? mountPoint : `${mountPoint}/`;
    const holds = folder === mountPoint || folder.startsWith(prefix);
    if (holds && mountPoint.length >= best.mountPoint.length) best = { mountPoint, type };
  }
  return best.type;
}
