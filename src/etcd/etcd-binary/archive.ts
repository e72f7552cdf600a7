/** Fetches etcd's official release archives, each checked against a pinned SHA-256. */
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../../errors.ts";
import { runProgram } from "../../machine/run-program.ts";
import type { FetchContext, FetchOutcome } from "./binary.ts";
import { publish, withIncoming } from "./cache.ts";
import { download } from "./download.ts";
import { etcdctlNextTo, resolveNamed } from "./executable.ts";
import { checkRoom } from "./full-disk.ts";
import { readEtcdVersion } from "./version.ts";

/** SHA-256 of `etcd-v<version>-<platform>.tar.gz`, by version, then by platform. */
export type ArchivePins = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const DEFAULT_VERSION = "3.5.33";

export const ARCHIVE_PINS: ArchivePins = {
  "3.5.33": {
    "linux-amd64": "5025b5b24d81a9616b6e284ccd439b9a3df055ef8fdcdc142af3ec8f6a3b3c95",
    "linux-arm64": "0764c5c0acef155f4bfa0487791cc5776adef66315bf16ec0653883bfd463a90",
  },
  "3.6.14": {
    "linux-amd64": "ffe840ff9295808e88cce2794a18a5ac87f12a5203c8314d0bf6aa119b41bac5",
    "linux-arm64": "fa1b80565ee6fc2df1ae6f57a508b221f3ecc7d591c317c581cd8281b0842b3e",
  },
};

const DEFAULT_BASE_URL = "https://github.com/etcd-io/etcd/releases/download";
/** Short: where the releases cannot be reached there is a second way, and the user waits. */
const CONNECT_TIMEOUT_MS = 6_000;
const IDLE_TIMEOUT_MS = 20_000;
const UNPACK_TIMEOUT_MS = 120_000;

export interface ArchiveOptions extends FetchContext {
  version: string;
  pins?: ArchivePins;
  connectTimeoutMs?: number;
}

/** The name that etcd gives this machine in its archives: `linux-amd64`. */
export function archivePlatform(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return `${process.platform}-${arch}`;
}

/**
 * Fetches a release into the cache. An archive that cannot be had is `failed`; one with another
 * checksum than the pinned throws a usage error, since a user ought to look at it.
 */
export async function fetchArchive(options: ArchiveOptions): Promise<FetchOutcome> {
  const { version, cacheFolder, env, say, pins = ARCHIVE_PINS } = options;
  const platform = archivePlatform();
  const pinned = pins[version]?.[platform];
  if (pinned === undefined) {
    return { failed: `no checksum is known for an etcd ${version} archive for ${platform}` };
  }
  const name = `etcd-v${version}-${platform}`;
  const baseUrl = (env.BENCH_ETCD_ARCHIVE_URL || DEFAULT_BASE_URL).replace(/\/+$/, "");
  const url = `${baseUrl}/v${version}/${name}.tar.gz`;

  return withIncoming(cacheFolder, async (workFolder) => {
    say(`etcd: fetching ${url}`);
    const archivePath = join(workFolder, `${name}.tar.gz`);
    const fetched = await download(url, archivePath, {
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    if ("failed" in fetched) {
      return { failed: `${url} cannot be fetched (${fetched.failed}${proxyHint(env)})` };
    }
    if (fetched.sha256 !== pinned) {
      throw usageError(
        `${url} is not the release it should be: SHA-256 expected ${pinned}, got ` +
          `${fetched.sha256} (${fetched.sizeBytes} bytes); it was deleted, see what answers ` +
          "there (BENCH_ETCD_ARCHIVE_URL names another place), or name an etcd with --etcd",
      );
    }
    const treeFolder = join(workFolder, "tree");
    await mkdir(treeFolder);
    const unpacked = await runProgram(
      "tar",
      ["-xzf", archivePath, "-C", treeFolder, "--no-same-owner"],
      { env, timeoutMs: UNPACK_TIMEOUT_MS },
    );
    if (unpacked.problem === "ENOENT") {
      return {
        failed: `${name}.tar.gz needs the command tar to unpack it, which is not installed`,
      };
    }
    checkRoom(workFolder, unpacked);
    if (unpacked.code !== 0) {
      const reason = unpacked.problem ?? unpacked.stderr.trim().split("\n").at(-1);
      return { failed: `tar could not unpack ${name}.tar.gz (${reason})` };
    }
    return installTree(options, join(treeFolder, name), workFolder);
  });
}

/** Takes the two programs out of the unpacked tree without the documentation. */
async function installTree(
  { version, cacheFolder, say }: ArchiveOptions,
  treeFolder: string,
  workFolder: string,
): Promise<FetchOutcome> {
  const found = resolveNamed(treeFolder);
  if ("failed" in found) return { failed: `the etcd ${version} archive ${found.failed}` };
  const outcome = await readEtcdVersion(found.path);
  if ("failed" in outcome)
    return { failed: `the etcd of the ${version} archive ${outcome.failed}` };
  const readyFolder = join(workFolder, "ready");
  await mkdir(readyFolder);
  const etcdctl = etcdctlNextTo(found.path);
  if (etcdctl !== null) await rename(etcdctl, join(readyFolder, "etcdctl"));
  await rename(found.path, join(readyFolder, "etcd"));
  const binary = await publish(cacheFolder, readyFolder, version, outcome.version, "archive");
  say(`etcd: ${outcome.version} is now in ${cacheFolder}`);
  return { binary };
}

/** Why a proxy that the environment names was not asked. */
function proxyHint(env: NodeJS.ProcessEnv): string {
  const name = ["https_proxy", "HTTPS_PROXY"].find((each) => env[each]);
  if (name === undefined || env.NODE_USE_ENV_PROXY === "1") return "";
  return `; ${name} has an effect from Node 24 on, with NODE_USE_ENV_PROXY=1`;
}
