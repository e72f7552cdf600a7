/** Finds an etcd at a path that the user named, and the etcdctl next to one. */
import { realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { lookAtProgram } from "../../executable.ts";

/** What the user named: a file to run, or a folder that holds `etcd`. `failed` is a clause on `at`. */
export function resolveNamed(
  named: string,
): { path: string } | { at: string; failed: string; fix?: string } {
  const path = resolve(named);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { at: named, failed: "does not exist" };
  const file = stats.isDirectory() ? join(path, "etcd") : path;
  const look = lookAtProgram(file);
  if (look === "runs") return { path: file };
  if (look !== "absent") return { at: look.path, failed: look.why, fix: look.fix };
  return stats.isDirectory()
    ? { at: named, failed: "is a folder without an executable `etcd` in it" }
    : { at: named, failed: "is no file that can be run" };
}

/** The etcdctl in the folder of `etcdPath`, or of the file it links to; null where neither has it. */
export function etcdctlNextTo(etcdPath: string): string | null {
  for (const folder of [dirname(etcdPath), dirname(realpathSync(etcdPath))]) {
    const candidate = join(folder, "etcdctl");
    if (lookAtProgram(candidate) === "runs") return candidate;
  }
  return null;
}
