/** Tells one start of a machine from all others. */
import { type SystemFiles, systemFiles } from "./system-files.ts";

/** The same for all processes of one kernel, in whatever container; null on systems other than Linux. */
export function bootId(files: SystemFiles = systemFiles): string | null {
  return files.read("/proc/sys/kernel/random/boot_id")?.trim() || null;
}
