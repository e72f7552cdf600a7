/** Whether a member ended since its disk is full. */
import { statfsSync } from "node:fs";

/** With less, etcd cannot even write to its log why it ended. */
const FULL_BYTES = 64 * 1024;

export interface DiskRoom {
  freeBytes: number;
  /** Of as many files as it can hold; Infinity where it has no such bound. */
  freeFiles: number;
}

/** By the end of its log, or by what is left on the disk of its folder. */
export function isDiskFull(folder: string, log: string): boolean {
  if (/no space left|quota exceeded/i.test(log)) return true;
  const room = diskRoom(folder);
  return room !== null && (room.freeBytes < FULL_BYTES || room.freeFiles === 0);
}

/** Of the folder's disk; null where the system does not tell. */
export function diskRoom(folder: string): DiskRoom | null {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    // A file system without a bound of its own says 0 of 0.
    const freeFiles = files === 0 ? Number.POSITIVE_INFINITY : ffree;
    return { freeBytes: bavail * bsize, freeFiles };
  } catch {
    return null;
  }
}
