/** Finds executables on disk: on PATH, at a path that the user named, and next to another one. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent and forbidden are the same answer here: it cannot be run.
    return false;
  }
}

/** Every executable of that name on PATH, in PATH's order, as absolute paths. */
export function allOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...new Set(folders.map((folder) => resolve(folder, name)))].filter(isExecutable);
}

/** What the user named: a file to run, or a folder that holds `etcd`. `failed` is a clause. */
export function resolveNamed(named: string): { path: string } | { failed: string } {
  const path = resolve(named);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { failed: "does not exist" };
  if (!stats.isDirectory()) {
    return isExecutable(path) ? { path } : { failed: "is not executable" };
  }
  const inside = join(path, "etcd");
  return isExecutable(inside)
    ? { path: inside }
    : { failed: "is a folder without an executable `etcd` in it" };
}

/** The etcdctl in the folder of `etcdPath`, or of the file it links to; null where neither has it. */
export function etcdctlNextTo(etcdPath: string): string | null {
  for (const folder of [dirname(etcdPath), dirname(realpathSync(etcdPath))]) {
    const candidate = join(folder, "etcdctl");
    if (isExecutable(candidate)) return candidate;
  }
  return null;
}
