/**
 * Keeps fetched etcds: one folder each, filled elsewhere and renamed into place, so that a folder is
 * either whole or absent however many processes fetch at once.
 */
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchCacheFolder, missingHome } from "../../cache-folder.ts";
import { usageError } from "../../errors.ts";
import { makeFolders } from "../../make-folders.ts";
import { isSystemError } from "../../system-error.ts";
import type { EtcdBinary, EtcdSource } from "./binary.ts";
import { etcdctlNextTo, resolveNamed } from "./executable.ts";
import { compareVersions, readEtcdVersion } from "./version.ts";

/** Written last into each folder: its presence says that the folder is complete. */
const MARKER = "complete.json";
const INCOMING = ".incoming-";
/** No fetch takes so long: an older folder was left by a process that was killed. */
const INCOMING_MAX_AGE_MS = 6 * 60 * 60 * 1000;

/** `$XDG_CACHE_HOME/etcd-bench/etcd`, or the same below `~/.cache`. */
export function etcdCacheFolder(env: NodeJS.ProcessEnv): string {
  return join(benchCacheFolder(env), "etcd");
}

function assertHomeExists(folder: string): void {
  const home = missingHome(folder, process.env);
  if (home === null) return;
  throw usageError(
    `HOME=${home} does not exist, and fetched etcds are kept below it: set HOME or XDG_CACHE_HOME to a ` +
      "folder that exists, or name an etcd with --etcd",
  );
}

/** The etcd cached as `name`; null where there is none that is complete. `failed`: why it does not run here. */
export async function cachedEtcd(
  cacheFolder: string,
  name: string,
): Promise<EtcdBinary | { failed: string } | null> {
  const folder = join(cacheFolder, name);
  if (!(await isComplete(folder))) return null;
  const found = resolveNamed(folder);
  if ("failed" in found) return { failed: `${found.at} in the cache ${found.failed}` };
  const outcome = await readEtcdVersion(found.path);
  if ("failed" in outcome) return { failed: `${found.path} in the cache ${outcome.failed}` };
  return {
    path: found.path,
    etcdctlPath: etcdctlNextTo(found.path),
    version: outcome.version,
    source: "cache",
  };
}

/** Names of the cached etcds that are named after their version, newest first. */
export async function cachedVersions(cacheFolder: string): Promise<string[]> {
  const names = await namesIn(cacheFolder);
  return names.filter((name) => /^\d+\.\d+\.\d+/.test(name)).sort((a, b) => compareVersions(b, a));
}

/** Gives `fill` an empty folder on the cache's file system and removes it afterwards, always. */
export async function withIncoming<T>(
  cacheFolder: string,
  fill: (workFolder: string) => Promise<T>,
): Promise<T> {
  assertHomeExists(cacheFolder);
  makeFolders(cacheFolder);
  await removeAbandoned(cacheFolder);
  const workFolder = await mkdtemp(join(cacheFolder, INCOMING));
  try {
    return await fill(workFolder);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/**
 * Marks `readyFolder` (which holds `etcd`) as complete and moves it into the cache as `name`.
 * Where another process has put one there meanwhile, that one is used.
 */
export async function publish(
  cacheFolder: string,
  readyFolder: string,
  name: string,
  version: string,
  source: EtcdSource,
): Promise<EtcdBinary> {
  await writeFile(join(readyFolder, MARKER), `${JSON.stringify({ version, source })}\n`);
  const target = join(cacheFolder, name);
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(readyFolder, target);
      break;
    } catch (error) {
      const theirs = await cachedEtcd(cacheFolder, name);
      if (theirs !== null && "path" in theirs) return { ...theirs, source };
      if (attempt === 2) throw error;
      // The folder there is broken. It moves inside our own work folder and goes with that.
      await moveAside(target, `${readyFolder}.broken${attempt}`);
    }
  }
  const path = join(target, "etcd");
  return { path, etcdctlPath: etcdctlNextTo(path), version, source };
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(join(folder, MARKER), "utf8"));
    return true;
  } catch {
    // Absent or cut short: the folder is not to be used, and a fetch replaces it.
    return false;
  }
}

async function moveAside(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Another process moved it first; the next rename into place tells.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function removeAbandoned(cacheFolder: string): Promise<void> {
  for (const name of await namesIn(cacheFolder)) {
    if (!name.startsWith(INCOMING)) continue;
    const folder = join(cacheFolder, name);
    const age = Date.now() - (await modifiedAtMs(folder));
    if (age > INCOMING_MAX_AGE_MS) await rm(folder, { recursive: true, force: true });
  }
}

async function modifiedAtMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    // Its owner has just removed it: as good as new, nothing is left to do.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Date.now();
    throw error;
  }
}

/** None where it cannot be read: what is to be kept there tells why. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}
