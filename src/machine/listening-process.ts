/** Finds the process of this machine that listens at a port. */
import { readlinkSync } from "node:fs";
import { processStartSeconds } from "./process-times.ts";
import { type SystemFiles, systemFiles } from "./system-files.ts";

/** Columns of /proc/net/tcp; addresses are `0100007F:0947`, in hex. */
const LOCAL_ADDRESS = 1;
const STATE = 3;
const INODE = 9;
const LISTENING = "0A";
/** The page and /proc count in hundredths. */
const SAME_START_SECONDS = 0.05;

/**
 * The process that listens at the port and was started at that time, which tells it from one that only
 * passes connections on. Null where there is none, or this user may not see it.
 */
export function processListeningAt(
  port: number,
  startedAtSeconds: number,
  files: SystemFiles = systemFiles,
): number | null {
  for (const name of files.list("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const started = processStartSeconds(files, pid);
    if (started === null || Math.abs(started - startedAtSeconds) > SAME_START_SECONDS) continue;
    if (hasListener(files, pid, port)) return pid;
  }
  return null;
}

function hasListener(files: SystemFiles, pid: number, port: number): boolean {
  const inodes = new Set(
    ["tcp", "tcp6"].flatMap((table) => listenersAt(files.read(`/proc/${pid}/net/${table}`), port)),
  );
  if (inodes.size === 0) return false;
  return files.list(`/proc/${pid}/fd`).some((descriptor) => {
    const link = linkOf(`/proc/${pid}/fd/${descriptor}`);
    return inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? "");
  });
}

/** Inodes of the sockets. */
function listenersAt(table: string | null, port: number): string[] {
  return (table ?? "").split("\n").flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const at = Number.parseInt(columns[LOCAL_ADDRESS]?.split(":")[1] ?? "", 16);
    return columns[STATE] === LISTENING && at === port ? [columns[INODE]!] : [];
  });
}

/** Empty where it is closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "EPERM" || code === "ESRCH") return "";
    throw error;
  }
}
