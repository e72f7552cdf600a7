/** Counts the files, sockets and pipes that this process has open. */
import { readdirSync } from "node:fs";

/** Null where the system does not tell it. */
export function countOpenDescriptors(): number | null {
  try {
    // The folder that is read is open meanwhile.
    return readdirSync("/proc/self/fd").length - 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
