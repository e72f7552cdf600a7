/**
 * Compares the addresses that worker threads reserve with what the limit of this process leaves (ulimit -v).
 * Node ends the process without a word to its caller where a thread cannot reserve them.
 */
import { usageError } from "../errors.ts";
import { type SystemFiles, systemFiles } from "../machine/system-files.ts";

/** V8 reserves most of them for compiled code: 512 MiB. */
const PER_WORKER_BYTES = 620e6;

/** @throws BenchError (usage) with the fix; says nothing where there is no limit, or /proc does not tell */
export function checkAddressRoom(workers: number, files: SystemFiles = systemFiles): void {
  const limits = files.read("/proc/self/limits") ?? "";
  const soft = /^Max address space +(\d+)/m.exec(limits)?.[1];
  const usedKib = /^VmSize:\s+(\d+) kB/m.exec(files.read("/proc/self/status") ?? "")?.[1];
  if (soft === undefined || usedKib === undefined) return;
  const leftBytes = Math.max(0, Number(soft) - Number(usedKib) * 1024);
  const neededBytes = workers * PER_WORKER_BYTES;
  if (neededBytes <= leftBytes) return;
  const lower = workers === 1 ? "" : ", or lower --workers";
  throw usageError(
    `--workers=${workers}: the threads reserve about ${gigabytes(neededBytes)} of addresses, and ` +
      `the limit leaves ${gigabytes(leftBytes)}; raise it (ulimit -v unlimited)${lower}`,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
