/** Whether a member ended since its disk is full. */
import { statfsSync } from "node:fs";

/** With less, etcd cannot even write to its log why it ended. */
const FULL_BYTES = 64 * 1024;

/** By the end of its log, or by what is left on the disk of its folder. */
export function isDiskFull(folder: string, log: string): boolean {
  if (/no space left|quota exceeded/i.test(log)) return true;
  return (freeBytes(folder) ?? Number.POSITIVE_INFINITY) < FULL_BYTES;
}

/** Of the folder's disk; null where the system does not tell. */
export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
