/**
 * Finds the folder below which bench keeps files that it can make or fetch again. It is on the way of
 * every start, so it imports only modules that Node has loaded by then.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative } from "node:path";

/**
 * `$XDG_CACHE_HOME/etcd-bench`, or the same below `~/.cache`.
 * @throws the system's error where HOME is not set and the system does not know the user
 */
export function benchCacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env.XDG_CACHE_HOME;
  // The XDG specification: a relative path is invalid and to be ignored.
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeOf(env), ".cache");
  return join(base, "etcd-bench");
}

/**
 * The home folder, if `folder` is below it and it does not exist; else null. Such a home was named by
 * mistake, or is one that the user must not have: nothing is to be made in its place.
 */
export function missingHome(folder: string, env: NodeJS.ProcessEnv): string | null {
  const home = homeOf(env);
  return isWithin(home, folder) && !existsSync(home) ? home : null;
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

function isWithin(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return !rest.startsWith("..") && !isAbsolute(rest);
}
