/**
 * Makes a folder and those that it lies in. Node's own `recursive` never ends below a folder that
 * takes no new one and calls it missing, as /proc does.
 */
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";

/**
 * A folder that is there already stays as it is.
 * @param mode of each folder that is made, less the process's umask
 * @throws the system's error for what cannot be made
 */
export function makeFolders(folder: string, mode = 0o777): void {
  try {
    makeOne(folder, mode);
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) throw error;
    makeFolders(parent, mode);
    makeOne(folder, mode);
  }
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it at the same time; a read-only disk fails even if it exists.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
