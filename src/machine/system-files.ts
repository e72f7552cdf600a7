/** Reads what Linux tells of itself in /proc and /sys; on other systems there is none of it. */
import { readdirSync, readFileSync } from "node:fs";

export interface SystemFiles {
  /** Null where it cannot be read. */
  read(path: string): string | null;
  /** Names in a folder; none where it cannot be read. */
  list(path: string): string[];
}

/**
 * A file of a process in /proc: null where the process is gone, or is another user's and /proc is
 * mounted with hidepid. @throws Error for all else, which tells nothing of the process
 */
export function readOfProcess(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return null;
    throw error;
  }
}

/** The fields of proc_pid_stat(5) after the name, which may hold spaces and parentheses. */
export function fieldsOfStat(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

export const systemFiles: SystemFiles = {
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // Another system, an older kernel, a process that has ended, or no right to read it.
      return null;
    }
  },
  list(path) {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
};
