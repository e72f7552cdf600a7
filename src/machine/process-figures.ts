/** Reads what Linux tells of a process: its peak memory, and what it read from and wrote to disks. */
import { readOfProcess } from "./system-files.ts";

export interface ProcessReading {
  /** The most memory that was resident since the process started. */
  peakRssBytes: number | null;
  /** Since the process started, from and to block devices. */
  diskReadBytes: number | null;
  diskWrittenBytes: number | null;
}

const BYTES_PER_KIB = 1024;

/** All null where the process is gone, or is another user's. */
export function readProcess(pid: number): ProcessReading {
  const status = readOfProcess(`/proc/${pid}/status`) ?? "";
  const io = readOfProcess(`/proc/${pid}/io`) ?? "";
  const peakKiB = numberIn(status, /^VmHWM:\s*(\d+) kB$/m);
  return {
    peakRssBytes: peakKiB === null ? null : peakKiB * BYTES_PER_KIB,
    diskReadBytes: numberIn(io, /^read_bytes: (\d+)$/m),
    diskWrittenBytes: numberIn(io, /^write_bytes: (\d+)$/m),
  };
}

function numberIn(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
