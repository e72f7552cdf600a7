/** Finds the process of a member on this machine, its settings, and what it used over a window. */
import { readlinkSync } from "node:fs";
import path from "node:path";
import type { MetricsPage } from "../etcd/metrics-page.ts";
import { processListeningAt } from "../machine/listening-process.ts";
import { type ProcessTimes, processTimes, usableCpus } from "../machine/process-times.ts";
import { type SystemFiles, systemFiles } from "../machine/system-files.ts";
import { isSystemError } from "../system-error.ts";
import { settingsOfProcess } from "./etcd-settings.ts";
import type { EtcdSettings, ProcessEvidence } from "./evidence.ts";

/** Null: the member runs elsewhere, or where this user cannot see it. */
export function findProcess(page: MetricsPage, endpoint: string): number | null {
  const started = page.value("process_start_time_seconds");
  const port = Number(/:(\d+)$/.exec(endpoint)?.[1] ?? Number.NaN);
  return started === null || Number.isNaN(port) ? null : processListeningAt(port, started);
}

/** Null where they cannot be read, or a file has them. */
export function settingsOf(pid: number, files: SystemFiles = systemFiles): EtcdSettings | null {
  const cmdline = files.read(`/proc/${pid}/cmdline`);
  // Without the variables a flag that was set by one would look like the default.
  const environ = files.read(`/proc/${pid}/environ`);
  const settings =
    cmdline === null || environ === null ? null : settingsOfProcess(cmdline, environ);
  return settings && { ...settings, ...foldersHere(settings, pid) };
}

/** As this process finds them: null where the member sees other file systems, as in a container. */
function foldersHere(
  { dataDir, walDir }: EtcdSettings,
  pid: number,
): Pick<EtcdSettings, "dataDir" | "walDir"> {
  const cwd = linkOf(`/proc/${pid}/cwd`);
  const mounts = linkOf(`/proc/${pid}/ns/mnt`);
  if (cwd === null || mounts === null || mounts !== linkOf("/proc/self/ns/mnt")) {
    return { dataDir: null, walDir: null };
  }
  const here = (folder: string | null) => (folder === null ? null : path.resolve(cwd, folder));
  return { dataDir: here(dataDir), walDir: here(walDir) };
}

/** Null where it cannot be read. */
function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
}

export class ProcessWatch {
  readonly #pid: number;
  readonly #files: SystemFiles;
  readonly #before: ProcessTimes | null;

  constructor(pid: number, files: SystemFiles = systemFiles) {
    this.#pid = pid;
    this.#files = files;
    this.#before = processTimes(files, pid);
  }

  /** Since the watch was made. */
  result(): ProcessEvidence {
    const before = this.#before;
    const after = processTimes(this.#files, this.#pid);
    const rise = (key: keyof ProcessTimes) => {
      const [from, to] = [before?.[key] ?? null, after?.[key] ?? null];
      // It falls where a thread has ended: what that had is not known any more.
      return from === null || to === null || to < from ? null : to - from;
    };
    return {
      pid: this.#pid,
      cpuSeconds: rise("cpuSeconds"),
      runQueueSeconds: rise("runQueueSeconds"),
      timeSlices: rise("timeSlices"),
      throttledSeconds: rise("throttledSeconds"),
      cpus: usableCpus(this.#files, this.#pid),
    };
  }
}
