/** Reads the limits of the control group that a process is in, of version 1 or 2. */
import path from "node:path";
import type { SystemFiles } from "./system-files.ts";

const MOUNT = "/sys/fs/cgroup";
/** Version 1 writes "no limit" as a number near 2^63. */
const NO_LIMIT_BYTES = 2 ** 60;

/** How many CPUs' time the quota allows, such as 1.5; null without a quota. */
export function cpuQuota(files: SystemFiles, pid: number | "self" = "self"): number | null {
  const quotas = foldersOf(files, "cpu", pid).flatMap((folder) => {
    // `max 100000` or `150000 100000`: microseconds in each period.
    const [quota, period] = files.read(path.join(folder, "cpu.max"))?.split(" ") ?? [
      files.read(path.join(folder, "cpu.cfs_quota_us")) ?? "",
      files.read(path.join(folder, "cpu.cfs_period_us")) ?? "",
    ];
    const cpus = Number.parseInt(quota!, 10) / Number.parseInt(period!, 10);
    return cpus > 0 && Number.isFinite(cpus) ? [cpus] : [];
  });
  return quotas.length === 0 ? null : Math.min(...quotas);
}

/** Null without a limit. */
export function memoryLimitBytes(files: SystemFiles): number | null {
  const limits = foldersOf(files, "memory", "self").flatMap((folder) => {
    const text =
      files.read(path.join(folder, "memory.max")) ??
      files.read(path.join(folder, "memory.limit_in_bytes")) ??
      "";
    const bytes = Number.parseInt(text, 10);
    return bytes > 0 && bytes < NO_LIMIT_BYTES ? [bytes] : [];
  });
  return limits.length === 0 ? null : Math.min(...limits);
}

/**
 * How long quotas have kept the group's threads from running so far: its own, and those of the groups above
 * it, each of which counts for itself alone. Null where nothing says.
 */
export function throttledSeconds(files: SystemFiles, pid: number | "self" = "self"): number | null {
  const sums = hierarchiesOf(files, "cpu", pid).flatMap((folders) => {
    const known = folders.flatMap((folder) => throttledIn(files, folder) ?? []);
    return known.length === 0 ? [] : [known.reduce((sum, each) => sum + each, 0)];
  });
  // Several names of one mount have the same groups.
  return sums.length === 0 ? null : Math.max(...sums);
}

function throttledIn(files: SystemFiles, folder: string): number | null {
  const text = files.read(path.join(folder, "cpu.stat")) ?? "";
  const microseconds = /^throttled_usec (\d+)$/m.exec(text);
  if (microseconds !== null) return Number(microseconds[1]) / 1e6;
  const nanoseconds = /^throttled_time (\d+)$/m.exec(text);
  return nanoseconds === null ? null : Number(nanoseconds[1]) / 1e9;
}

function foldersOf(files: SystemFiles, controller: string, pid: number | "self"): string[] {
  return hierarchiesOf(files, controller, pid).flat();
}

/**
 * For each mount that may have them, the folders of the group and of all above it, from the inside out. In a
 * container the group's path may be the host's, which is not there: then only the mount itself is.
 */
function hierarchiesOf(files: SystemFiles, controller: string, pid: number | "self"): string[][] {
  const hierarchies: string[][] = [];
  for (const line of files.read(`/proc/${pid}/cgroup`)?.split("\n") ?? []) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || group === undefined) continue;
    // Version 2 has one line, which names no controller.
    if (controllers !== "" && !controllers.split(",").includes(controller)) continue;
    const mounts =
      controllers === "" ? [MOUNT] : [path.join(MOUNT, controller), path.join(MOUNT, controllers)];
    for (const mount of new Set(mounts)) {
      const folders: string[] = [];
      for (let at = group; ; at = path.dirname(at)) {
        folders.push(path.join(mount, at));
        if (at === "/" || at === ".") break;
      }
      hierarchies.push(folders);
    }
  }
  return hierarchies;
}
