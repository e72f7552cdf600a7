/** Fetches etcd from the Debian releases that this machine's own apt mirror offers. */
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { lookForProgram } from "../../executable.ts";
import { isSystemError } from "../../system-error.ts";
import { type AptSource, distributionMirrors, readAptSources } from "./apt-sources.ts";
import type { EtcdBinary, FetchContext, FetchOutcome } from "./binary.ts";
import { publish, withIncoming } from "./cache.ts";
import { etcdctlNextTo, resolveNamed } from "./executable.ts";
import { preparePrivateApt } from "./private-apt.ts";
import { readEtcdVersion } from "./version.ts";

/** Debian moves a package from each of these to the next, so the first that has one is newest. */
const SUITES_NEWEST_FIRST = ["unstable", "testing", "stable"];
const PACKAGES = ["etcd-server", "etcd-client"];

export interface DebianOptions extends FetchContext {
  /** A release such as `bookworm`, kept apart from the rest of the cache; undefined: the newest. */
  release?: string | undefined;
  aptFolder?: string;
  osReleasePath?: string;
}

/** The name in the cache of one Debian release's etcd, apart from those that are named after their version. */
export function debianCacheName(release: string): string {
  return `debian-${release}`;
}

/** Fetches etcd into the cache by apt's own tools, without touching the system. */
export async function fetchDebian(options: DebianOptions): Promise<FetchOutcome> {
  const { env, aptFolder = "/etc/apt", osReleasePath = "/etc/os-release", release } = options;
  for (const command of ["apt-get", "dpkg-deb"]) {
    const look = lookForProgram(command, "/", env);
    if (typeof look === "object") return { failed: `${look.path} ${look.why}` };
    if (look === "absent") {
      return { failed: `this machine has no ${command} to fetch Debian's etcd-server with` };
    }
  }
  const codename = await ownCodename(osReleasePath);
  const mirrors = distributionMirrors(readAptSources(aptFolder), codename);
  if (mirrors.length === 0) return { failed: `${aptFolder} names no mirror of the distribution` };

  const reasons: string[] = [];
  for (const mirror of mirrors) {
    const suites = release === undefined ? [...SUITES_NEWEST_FIRST, mirror.suite] : [release];
    for (const suite of new Set(suites)) {
      const outcome = await fetchSuite(options, mirror, suite);
      if ("binary" in outcome) return outcome;
      reasons.push(`${suite}: ${outcome.failed}`);
      // Other releases of a mirror that does not answer would each cost another time-out.
      if (/could not (connect|resolve)|timed out|temporary failure/i.test(outcome.failed)) break;
    }
  }
  return { failed: `apt could not fetch etcd-server (${reasons.join("; ")})` };
}

async function fetchSuite(
  { cacheFolder, env, say, release }: DebianOptions,
  mirror: AptSource,
  suite: string,
): Promise<FetchOutcome> {
  return withIncoming(cacheFolder, async (workFolder) => {
    say(`etcd: asking ${mirror.uri} for Debian's etcd-server of ${suite}`);
    // Debian's own releases have etcd in main; only the machine's own suite may need more.
    const components = suite === mirror.suite ? mirror.components : ["main"];
    const apt = await preparePrivateApt(workFolder, { ...mirror, suite, components }, env);
    const rootFolder = join(workFolder, "root");
    const failure = (await apt.update()) ?? (await apt.unpack(PACKAGES, rootFolder));
    if (failure !== null) return { failed: failure };

    const found = resolveNamed(join(rootFolder, "usr", "bin"));
    if ("failed" in found) return { failed: `its etcd-server ${found.failed}` };
    // A newer release's etcd may ask for a newer C library than this machine has.
    const outcome = await readEtcdVersion(found.path);
    if ("failed" in outcome) return { failed: `its etcd ${outcome.failed}` };

    const readyFolder = join(workFolder, "ready");
    await mkdir(readyFolder);
    const etcdctl = etcdctlNextTo(found.path);
    if (etcdctl !== null) await rename(etcdctl, join(readyFolder, "etcdctl"));
    await rename(found.path, join(readyFolder, "etcd"));
    const { version } = outcome;
    const name = release === undefined ? version : debianCacheName(release);
    const binary: EtcdBinary = await publish(cacheFolder, readyFolder, name, version, "debian");
    say(`etcd: ${version} of Debian ${suite} is now in ${cacheFolder}`);
    return { binary };
  });
}

async function ownCodename(osReleasePath: string): Promise<string | null> {
  try {
    const text = await readFile(osReleasePath, "utf8");
    return /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? null;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
}
