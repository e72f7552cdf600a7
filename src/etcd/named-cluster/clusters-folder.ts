/** Where clusters that stay keep their state: a folder each, below the user's state folder. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { flagError, usageError } from "../../errors.ts";
import { makeFolders } from "../../make-folders.ts";
import { isSystemError, reason } from "../../system-error.ts";

/** In a cluster's folder: its state, and who changes it. */
export const STATE_FILE = "cluster.json";
export const LOCK_PREFIX = "lock.";
/** That a folder of state may have. */
export const STATE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function clustersFolder(env: NodeJS.ProcessEnv): string {
  return stateFolder("clusters", env);
}

/** `$XDG_STATE_HOME/etcd-bench/KIND`, or the same below `~/.local/state`. */
export function stateFolder(kind: "clusters" | "agents", env: NodeJS.ProcessEnv): string {
  const xdg = env.XDG_STATE_HOME;
  // The XDG specification: a relative path is invalid and to be ignored.
  const isGiven = xdg !== undefined && isAbsolute(xdg);
  const base = isGiven ? xdg : join(homeOf(env), ".local", "state");
  return join(base, "etcd-bench", kind);
}

/** Its owner alone may read it. @throws BenchError (usage) that names the variable, where it cannot be made */
export function makeStateFolder(folder: string, env: NodeJS.ProcessEnv): void {
  assertHomeExists(folder, env);
  try {
    makeFolders(folder, 0o700);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw usageError(
      `cannot make ${folder}, where bench keeps its state: ${reason(error)}; set XDG_STATE_HOME to a folder that this user may write`,
      error,
    );
  }
}

/** @throws BenchError (usage) where it would be made in a home folder that does not exist */
function assertHomeExists(folder: string, env: NodeJS.ProcessEnv): void {
  const home = homeOf(env);
  const rest = relative(home, folder);
  const isBelow = !rest.startsWith("..") && !isAbsolute(rest);
  if (existsSync(home) || !isBelow) return;
  throw usageError(
    `HOME=${home} does not exist, and bench keeps its state below it: set HOME or XDG_STATE_HOME to a folder that exists`,
  );
}

/** @throws BenchError (usage) for a name that cannot be one of a folder */
export function clusterFolder(name: string, env: NodeJS.ProcessEnv): string {
  if (!STATE_NAME.test(name)) {
    throw flagError(
      "name",
      `--name=${name}: a cluster's name has letters, digits, dots, dashes and underscores, e.g. --name=nightly`,
    );
  }
  return join(clustersFolder(env), name);
}

/** Sorted; also of those whose start was killed. */
export function clusterNames(env: NodeJS.ProcessEnv): string[] {
  try {
    return readdirSync(clustersFolder(env), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

/** The state file goes last: a bench that is killed here leaves what the next one can go on with. */
export function emptyClusterFolder(folder: string, stateFile = STATE_FILE): void {
  const isKept = (name: string) => name === stateFile || name.startsWith(LOCK_PREFIX);
  const names = readdirSync(folder).filter((name) => !isKept(name));
  for (const name of [...names, stateFile]) {
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** Another bench may be at work in it by now. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}
