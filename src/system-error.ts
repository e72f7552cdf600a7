/**
 * Says in a sentence what the operating system refused: the call, the path, the reason and the fix.
 * Such an error comes from the user's environment, and is no defect of bench.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { BenchError, EXIT, usageError } from "./errors.ts";
import { isMangled } from "./utf8.ts";

/** What Node puts on an error of a system call; `info` where it wraps one of libuv. */
interface SystemError extends NodeJS.ErrnoException {
  dest?: string;
  info?: { code?: string; syscall?: string; path?: string };
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  EAGAIN: "the system has no more processes or threads to give",
  EBUSY: "it is in use",
  EDQUOT: "disk quota exceeded",
  EFBIG: "the file would exceed the size limit",
  EIO: "the disk reports an error",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "the system has too many open files",
  ENOENT: "no such file or folder",
  ENOMEM: "the system has no memory left",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "part of the path is not a folder",
  ENXIO: "it is a socket, or a pipe that nothing reads from",
  ERR_NOT_REGULAR: "it is no regular file",
  ERR_FS_FILE_TOO_LARGE: "it is larger than what can be read",
  ERR_STRING_TOO_LONG: "it is larger than what can be read",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

/** In place of the octets Node looks for U+FFFD, and finds no file of that name. */
const MANGLED_NAME = "its name has octets that are no UTF-8; rename it";

const FIXES: Record<string, string> = {
  EACCES: "name a place that this user may use, or change its permissions",
  EAGAIN: "raise the limit of processes (ulimit -u), or lower --workers",
  EDQUOT: "free space there, or name a place on another disk",
  EFBIG: "raise the limit of file sizes (ulimit -f)",
  EIO: "look at the disk's health in the system's log, or use another one",
  EMFILE: "raise the limit of open files (ulimit -n), or lower --conns",
  ENFILE: "raise the system's limit of open files (fs.file-max), or lower --conns",
  ENOENT: "make it, or name one that exists",
  ENOMEM: "end other programs, or lower --clients and --workers",
  ENOSPC: "free space there, or name a place on another disk",
  ENOTDIR: "name a path whose folders exist",
  EPERM: "name a place that this user may use, or change its permissions",
  EROFS: "name a place that can be written",
};

const CALLS: Record<string, string> = {
  access: "use",
  chmod: "change the permissions of",
  copyfile: "copy",
  fsync: "write",
  ftruncate: "write",
  mkdir: "make the folder",
  mkdtemp: "make the folder",
  open: "open",
  read: "read",
  readlink: "read the link",
  realpath: "find",
  rename: "rename",
  rmdir: "remove the folder",
  scandir: "read the folder",
  write: "write",
  unlink: "remove",
};

/** How V8 and Node word memory that the system has refused; most have no code. */
const NO_MEMORY =
  /^(WebAssembly\.\S+: (Out of memory|could not allocate memory)|Array buffer allocation failed|Failed to allocate memory)/;

/** Whether a system call has thrown it: it comes from the environment, not from a defect. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && callOf(error).syscall !== undefined;
}

/** Why, in a clause; the message itself of what is no error of the system. */
export function reason(cause: unknown): string {
  const { message } = cause as Error;
  const { code, path } = callOf(cause as SystemError);
  if (code === "ENOENT" && path !== undefined && isMangled(path)) return MANGLED_NAME;
  return (code !== undefined && REASONS[code]) || message;
}

/** A usage error with the path and the fix; null for what no system call has thrown. */
export function fromSystemError(error: unknown): BenchError | null {
  if (!(error instanceof Error)) return null;
  if (NO_MEMORY.test(error.message)) {
    // A histogram's memory takes gigabytes of addresses, of which it uses little.
    const words =
      "the system gives bench no more memory; raise the limit of addresses (ulimit -v unlimited), or end other programs";
    return new BenchError(words, EXIT.usage, { cause: error });
  }
  const { code, syscall, path } = callOf(error);
  if (code === undefined) return null;
  const told = wordsOf(code, syscall, path, error);
  return told === null ? null : new BenchError(told, EXIT.usage, { cause: error });
}

function wordsOf(
  code: string,
  syscall: string | undefined,
  path: string | undefined,
  error: Error,
): string | null {
  if (code === "ERR_WORKER_OUT_OF_MEMORY") {
    return "a worker thread ran out of memory; lower --clients, --val-size or --key-space-size, or raise Node's limit (NODE_OPTIONS=--max-old-space-size=4096)";
  }
  if (code === "ERR_WORKER_INIT_FAILED") {
    return `a worker thread could not be started: ${error.message}; raise the limits of open files and processes (ulimit -n, ulimit -u), or lower --workers and --conns`;
  }
  if (code === "ERR_MODULE_NOT_FOUND" && !hasFileLeft()) {
    // Node asks for a module's file, and takes any refusal for a file that is missing.
    return `bench could not be loaded: ${REASONS.EMFILE}; ${FIXES.EMFILE}`;
  }
  if (syscall === undefined || !(code in REASONS)) return null;
  if (syscall === "uv_cwd") {
    return "the working folder does not exist any more; change to one that does (cd)";
  }
  if (syscall === "uv_os_get_passwd" || syscall === "uv_os_homedir") {
    return "this user has no home folder: the system does not know its id, and HOME is not set; set HOME to a folder that this user may write";
  }
  const [call, program] = syscall.split(" ");
  const what =
    call === "spawn" || call === "uv_spawn"
      ? `start ${program ?? path ?? "a program"}`
      : [CALLS[call!] ?? call, path].filter((word) => word !== undefined).join(" ");
  const why = reason(error);
  const fix = why === MANGLED_NAME ? undefined : FIXES[code];
  return `cannot ${what}: ${why}${fix === undefined ? "" : `; ${fix}`}`;
}

/** Whether one more file can be opened. */
function hasFileLeft(): boolean {
  try {
    closeSync(openSync("/dev/null", "r"));
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "EMFILE";
  }
}

function callOf(error: SystemError): { code?: string; syscall?: string; path?: string } {
  return error.code === "ERR_SYSTEM_ERROR" ? (error.info ?? {}) : error;
}

/** Linux tells by /proc of processes and of the memory of this one. @throws BenchError (usage) without it */
export function requireProc(): void {
  if (process.platform !== "linux" || existsSync("/proc/self/stat")) return;
  throw usageError(
    "this system has no /proc, by which bench knows its processes and its memory; mount it: mount -t proc proc /proc",
  );
}
