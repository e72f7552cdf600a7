/**
 * Finds an etcd executable: the one that the user named, else the first of PATH, bench's cache, an
 * official release archive, and Debian's package. cli/ calls it for `--local`.
 */
import { BenchError, usageError } from "../../errors.ts";
import { allOnPath, lookOnPath, noexecMount } from "../../executable.ts";
import { fromSystemError, reason } from "../../system-error.ts";
import { DEFAULT_VERSION, fetchArchive } from "./archive.ts";
import type { EtcdBinary, EtcdSource, FetchContext, FetchOutcome, Say } from "./binary.ts";
import { cachedEtcd, cachedVersions, etcdCacheFolder } from "./cache.ts";
import { debianCacheName, fetchDebian } from "./debian.ts";
import { etcdctlNextTo, resolveNamed } from "./executable.ts";
import { readEtcdVersion } from "./version.ts";

export type { EtcdBinary, EtcdSource } from "./binary.ts";

export interface FindOptions {
  /** What `--etcd` named: an etcd, or a folder that holds one. */
  explicitPath?: string | undefined;
  /** The flag that named it, where not `--etcd`. */
  explicitOrigin?: string | undefined;
  env?: NodeJS.ProcessEnv;
  say?: Say;
  /** False: look only, fetch nothing. */
  fetch?: boolean;
  /** One Debian release's etcd and no other, e.g. `bookworm`; nothing else is looked at. */
  release?: string | undefined;
  /** One official release and no other: a version of ARCHIVE_PINS. */
  version?: string | undefined;
}

/** The two ways to fetch, and where what they fetch could not run; tests put others in their place. */
export interface FetchWays {
  noexecMount: (cacheFolder: string) => string | null;
  archive: (context: FetchContext & { version: string }) => Promise<FetchOutcome>;
  debian: (context: FetchContext & { release?: string | undefined }) => Promise<FetchOutcome>;
}

const REAL_WAYS: FetchWays = { archive: fetchArchive, debian: fetchDebian, noexecMount };

const WHAT_TO_DO =
  "install etcd 3.4 or newer (Debian's package etcd-server, or a release of etcd-io/etcd on " +
  "GitHub) and put it on PATH, or name it with --etcd PATH or $ETCD_BIN";

const ANOTHER = "name another etcd with --etcd PATH or $ETCD_BIN";

/** Finds or fetches etcd. A usage error where none can be had says each thing that was tried. */
export async function findEtcd(
  options: FindOptions = {},
  ways: FetchWays = REAL_WAYS,
): Promise<EtcdBinary> {
  const { env = process.env, say = () => {}, fetch = true, release, version } = options;
  // Where there is no home folder, an etcd that is named or on PATH needs no cache.
  const contextOf = (): FetchContext => ({ cacheFolder: etcdCacheFolder(env), env, say });
  if (release !== undefined) {
    if (!/^[a-z][a-z0-9-]*$/.test(release)) {
      throw usageError(`"${release}" is no name of a Debian release: write it like bookworm`);
    }
    const context = contextOf();
    const fetchIt = () => ways.debian({ ...context, release });
    return exactly(context, debianCacheName(release), fetch ? ways : null, fetchIt);
  }
  if (version !== undefined) {
    const context = contextOf();
    const fetchIt = () => ways.archive({ ...context, version });
    return exactly(context, version, fetch ? ways : null, fetchIt);
  }

  if (options.explicitPath !== undefined) {
    return named(options.explicitPath, options.explicitOrigin ?? "--etcd", "flag", say);
  }
  const tried: string[] = [];
  const found =
    (await lookForEtcd({ env, say }, tried)) ??
    (fetch ? await fetched(contextOf(), ways, tried) : null);
  if (found !== null) return found;
  if (!fetch) tried.push("fetching was not allowed");
  throw usageError(`no etcd found: ${tried.join("; ")}. To fix it, ${WHAT_TO_DO}`);
}

/**
 * The etcd of this machine that no flag names; null where one has to be fetched.
 * @param tried takes a clause for each place without one
 * @throws BenchError (usage) where $ETCD_BIN names none
 */
export async function lookForEtcd(
  { env = process.env, say = () => {} }: Pick<FindOptions, "env" | "say"> = {},
  tried: string[] = [],
): Promise<EtcdBinary | null> {
  if (env.ETCD_BIN) return named(env.ETCD_BIN, "$ETCD_BIN", "environment", say);
  const onThePath = await onPath({ env, say }, tried);
  return onThePath ?? inCache({ cacheFolder: etcdCacheFolder(env), env, say }, tried);
}

/** A path that the user named is used or is wrong; it is never passed over for another. */
async function named(
  path: string,
  origin: string,
  source: EtcdSource,
  say: Say,
): Promise<EtcdBinary> {
  const found = resolveNamed(path);
  if ("failed" in found) {
    const fix = found.fix ?? "name an etcd, or a folder that holds one";
    throw usageError(`${origin} ${found.at} ${found.failed}: ${fix}`);
  }
  const outcome = await readEtcdVersion(found.path);
  if ("failed" in outcome) {
    const fix = outcome.fix ?? "name an etcd of 3.4 or newer";
    throw usageError(`${origin} ${found.path} ${outcome.failed}: ${fix}`);
  }
  say(`etcd: ${outcome.version} at ${found.path} (${origin})`);
  return {
    path: found.path,
    etcdctlPath: etcdctlNextTo(found.path),
    version: outcome.version,
    source,
  };
}

async function onPath(
  { env, say }: Pick<FetchContext, "env" | "say">,
  tried: string[],
): Promise<EtcdBinary | null> {
  const { runnable, refused } = lookOnPath("etcd", env);
  if (runnable.length + refused.length === 0) tried.push("none is on PATH");
  for (const { path, why, fix } of refused) {
    say(`etcd: ${path} on PATH is passed over: it ${why}; ${fix}`);
    tried.push(`${path} on PATH ${why}`);
  }
  for (const path of runnable) {
    const outcome = await readEtcdVersion(path);
    if ("failed" in outcome) {
      say(`etcd: ${path} on PATH ${outcome.failed}`);
      tried.push(`${path} on PATH ${outcome.failed}`);
      continue;
    }
    say(`etcd: ${outcome.version} at ${path} (on PATH)`);
    const etcdctlPath = etcdctlNextTo(path) ?? allOnPath("etcdctl", env)[0] ?? null;
    return { path, etcdctlPath, version: outcome.version, source: "path" };
  }
  return null;
}

async function inCache(
  { cacheFolder, say }: FetchContext,
  tried: string[],
): Promise<EtcdBinary | null> {
  // The version that a fetch would bring comes first, so that two machines measure the same one.
  const names = new Set([DEFAULT_VERSION, ...(await cachedVersions(cacheFolder))]);
  let failed: string | null = null;
  for (const name of names) {
    const binary = await cachedEtcd(cacheFolder, name);
    if (binary !== null && "path" in binary) {
      say(`etcd: ${binary.version} at ${binary.path} (fetched earlier)`);
      return binary;
    }
    failed ??= binary?.failed ?? null;
  }
  if (failed !== null) say(`etcd: ${failed}`);
  tried.push(failed ?? `none is in the cache ${cacheFolder}`);
  return null;
}

async function fetched(
  context: FetchContext,
  ways: FetchWays,
  tried: string[],
): Promise<EtcdBinary | null> {
  const useless = uselessFetch(context.cacheFolder, ways);
  if (useless !== null) {
    const { why, fix } = useless;
    throw usageError(
      `no etcd found: ${tried.join("; ")}; ${why}. To fix it, ${fix}, or ${WHAT_TO_DO}`,
    );
  }
  context.say("etcd: none that runs is on PATH or in the cache, fetching one into the cache");
  const attempts = [
    () => ways.archive({ ...context, version: DEFAULT_VERSION }),
    () => ways.debian(context),
  ];
  for (const attempt of attempts) {
    const outcome = await keptIn(context.cacheFolder, attempt);
    if ("binary" in outcome) return outcome.binary;
    context.say(`etcd: ${outcome.failed}`);
    tried.push(outcome.failed);
  }
  return null;
}

/** Why none is fetched: it could not be run in the cache. Null: it could. */
function uselessFetch(
  cacheFolder: string,
  { noexecMount }: FetchWays,
): { why: string; fix: string } | null {
  const mount = noexecMount(cacheFolder);
  if (mount === null) return null;
  return {
    why:
      `none is fetched, as no program runs in the cache ${cacheFolder} ` +
      `(${mount} is mounted noexec)`,
    fix:
      `mount it with exec (mount -o remount,exec ${mount}), set XDG_CACHE_HOME to a folder on ` +
      "another file system",
  };
}

/** The etcd cached under that name, or what `fetchIt` brings; no other will do. */
async function exactly(
  context: FetchContext,
  name: string,
  ways: FetchWays | null,
  fetchIt: () => Promise<FetchOutcome>,
): Promise<EtcdBinary> {
  const binary = await cachedEtcd(context.cacheFolder, name);
  if (binary !== null && "path" in binary) {
    context.say(`etcd: ${binary.version} at ${binary.path} (fetched earlier)`);
    return binary;
  }
  const cached = binary?.failed ?? `none is in the cache ${context.cacheFolder}`;
  const useless = ways === null ? null : uselessFetch(context.cacheFolder, ways);
  if (useless !== null) {
    const { why, fix } = useless;
    throw usageError(`no etcd ${name} found: ${cached}; ${why}. To fix it, ${fix}, or ${ANOTHER}`);
  }
  const outcome =
    ways === null
      ? { failed: "fetching was not allowed" }
      : await keptIn(context.cacheFolder, fetchIt);
  if ("binary" in outcome) return outcome.binary;
  throw usageError(`no etcd ${name} found: ${cached}; ${outcome.failed}. To fix it, ${ANOTHER}`);
}

/** @throws BenchError (usage) where the system lets nothing be kept in the cache */
async function keptIn(
  cacheFolder: string,
  fetchIt: () => Promise<FetchOutcome>,
): Promise<FetchOutcome> {
  try {
    return await fetchIt();
  } catch (cause) {
    if (cause instanceof BenchError || fromSystemError(cause) === null) throw cause;
    throw usageError(
      `an etcd cannot be kept in the cache ${cacheFolder}: ${reason(cause)}; set XDG_CACHE_HOME to ` +
        "a folder with free space that this user may write, or name an etcd with --etcd PATH or $ETCD_BIN",
      cause,
    );
  }
}
