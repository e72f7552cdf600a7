/** Asks an etcd executable for its version, reads it, and orders versions. */
import { architectureOf } from "../../machine/program-architecture.ts";
import { runProgram } from "../../machine/run-program.ts";

/** The first release whose flags and API this tool speaks. */
export const OLDEST_VERSION = "3.4.0";

const NO_FSYNC_SINCE = "3.5.0";

/** Generous, since a machine under load may take seconds to page in a 20 MB executable. */
const VERSION_TIMEOUT_MS = 30_000;

/** Reads what `etcd --version` prints; null where it is not etcd that speaks. */
export function parseEtcdVersion(output: string): string | null {
  return /^etcd Version: (\d+\.\d+\.\d+[^\s]*)$/m.exec(output)?.[1] ?? null;
}

/** `fix`: what the system lacks, where the executable is not to blame. */
export type VersionOutcome = { version: string } | { failed: string; fix?: string };

const NO_THREADS = /EAGAIN|failed to create new OS thread|Resource temporarily unavailable/i;
const MORE_THREADS = { fix: "raise the limit of processes and threads (ulimit -u)" };

/** Runs `etcd --version`; `failed` is a clause such as `is no etcd (...)`. */
export async function readEtcdVersion(path: string): Promise<VersionOutcome> {
  const outcome = await runProgram(path, ["--version"], { timeoutMs: VERSION_TIMEOUT_MS });
  const version = parseEtcdVersion(outcome.stdout);
  const built = version === null ? architectureOf(path) : null;
  if (built !== null && built !== process.arch) {
    return { failed: `is built for ${built}, and this machine is ${process.arch}` };
  }
  const fix = NO_THREADS.test(`${outcome.problem} ${outcome.stderr}`) ? MORE_THREADS : {};
  if (outcome.problem !== null) return { failed: `does not run (${outcome.problem})`, ...fix };
  // An etcd may lack what the system does not give, such as threads or memory.
  const [said] = outcome.stderr.trim().split("\n");
  if (version === null && outcome.code !== 0 && said) {
    return { failed: `did not print its version (exit code ${outcome.code}: ${said})`, ...fix };
  }
  if (version === null) {
    return { failed: "is no etcd (its --version does not print `etcd Version: ...`)" };
  }
  if (compareVersions(version, OLDEST_VERSION) < 0) {
    return { failed: `is etcd ${version}, and bench needs ${OLDEST_VERSION} or newer` };
  }
  return { version };
}

/** Negative where `a` is older than `b`. A pre-release (`3.6.0-rc.1`) is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.rest === right.rest) return 0;
  if (left.rest === "") return 1;
  if (right.rest === "") return -1;
  return left.rest < right.rest ? -1 : 1;
}

/** Flags of a member whose data need not outlast its machine; none for an etcd that has no such flag. */
export function withoutFsync(version: string): string[] {
  return compareVersions(version, NO_FSYNC_SINCE) < 0 ? [] : ["--unsafe-no-fsync"];
}

function split(version: string): { numbers: number[]; rest: string } {
  const match = /^(\d+)\.(\d+)\.(\d+)(.*)$/.exec(version);
  if (match === null) return { numbers: [], rest: version };
  return { numbers: [match[1], match[2], match[3]].map(Number), rest: match[4] ?? "" };
}
