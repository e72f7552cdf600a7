/** Reads what Linux tells of itself in /proc and /sys; on other systems there is none of it. */
import { readdirSync, readFileSync } from "node:fs";

export interface SystemFiles {
  /** Null where it cannot be read. */
  read(path: string): string | null;
  /** Names in a folder; none where it cannot be read. */
  list(path: string): string[];
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
