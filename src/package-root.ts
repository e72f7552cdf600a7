/** Locates the package on disk: its root, its name and version, and the files that threads start from. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The nearest folder above this file that has a package.json, as built and as installed. */
export function packageRoot(): string {
  return folderAbove("package.json");
}

/**
 * The program of a thread or a process, by its path in src/ without the ending. The bundle keeps these
 * paths below its own root, although the modules that ask for them are in chunks of their own.
 */
export function entryFile(entry: string): URL {
  const isBundled = import.meta.url.endsWith(".cjs");
  const ending = isBundled ? ".cjs" : ".js";
  return pathToFileURL(path.join(folderAbove(`main${ending}`), `${entry}${ending}`));
}

/** Name and version: `etcd-bench 0.1.0`. */
export function toolName(): string {
  const text = readFileSync(path.join(packageRoot(), "package.json"), "utf8");
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  return `${name} ${version}`;
}

function folderAbove(file: string): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, file))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no ${file} above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}
