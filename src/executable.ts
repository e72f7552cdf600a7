/** Tells which programs can be run, by a path or on PATH, and why one that is there cannot. */
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";

/** A program that is there and cannot be run. */
export interface Refused {
  path: string;
  /** A clause after the path: `is not executable`. */
  why: string;
  fix: string;
}

export type Look = "runs" | "absent" | Refused;

/** What the system tells of files; tests put others in its place. */
export interface ProgramFiles {
  mayRun(path: string): boolean;
  /** As /proc/self/mountinfo; empty where there is none. */
  mounts(): string;
}

const THESE_FILES: ProgramFiles = {
  mayRun(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  mounts() {
    try {
      return readFileSync("/proc/self/mountinfo", "utf8");
    } catch {
      // Another system: which file systems forbid programs is not known.
      return "";
    }
  },
};

export function lookAtProgram(path: string, files: ProgramFiles = THESE_FILES): Look {
  const mode = modeOf(path);
  if (mode === null) return "absent";
  if (files.mayRun(path)) return "runs";
  if ((mode & 0o111) === 0) {
    return { path, why: "is not executable", fix: "make it executable (chmod +x)" };
  }
  const mount = noexecMount(path, files);
  if (mount !== null) return { path, ...forbiddenAt(mount) };
  const octal = (mode & 0o777).toString(8).padStart(3, "0");
  return {
    path,
    why: `may not be run by this user (its mode is ${octal})`,
    fix: "give this user the permission (chmod, chown), or use a copy of this user's",
  };
}

/** As of a program that cannot be run for where it is. */
function forbiddenAt(mount: string): Omit<Refused, "path"> {
  return {
    why: `is on a file system that lets no program run (${mount} is mounted noexec)`,
    fix: `mount it with exec (mount -o remount,exec ${mount}), or use a copy on another file system`,
  };
}

/** Every program of that name on PATH, in PATH's order, as absolute paths. */
export function lookOnPath(
  name: string,
  env: NodeJS.ProcessEnv,
  files: ProgramFiles = THESE_FILES,
): { runnable: string[]; refused: Refused[] } {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const [runnable, refused]: [string[], Refused[]] = [[], []];
  for (const path of new Set(folders.map((folder) => resolve(folder, name)))) {
    const look = lookAtProgram(path, files);
    if (look === "runs") runnable.push(path);
    else if (look !== "absent") refused.push(look);
  }
  return { runnable, refused };
}

export function allOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
  return lookOnPath(name, env).runnable;
}

/** Where a program that a command names is: at its path, or first on PATH. */
export function lookForProgram(program: string, folder: string, env: NodeJS.ProcessEnv): Look {
  if (program.includes("/")) return lookAtProgram(resolve(folder, program));
  const { runnable, refused } = lookOnPath(program, env);
  return runnable.length > 0 ? "runs" : (refused[0] ?? "absent");
}

/**
 * Where the file system is mounted that a file or folder is on, or will be on; null: programs run there.
 */
export function noexecMount(path: string, files: ProgramFiles = THESE_FILES): string | null {
  const place = existing(resolve(path));
  let mount = "";
  let isNoexec = false;
  for (const line of files.mounts().split("\n")) {
    const [, , , , escaped = "", options = ""] = line.split(" ");
    if (escaped === "") continue;
    const at = escaped.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const isWithin = place === at || place.startsWith(at.endsWith("/") ? at : `${at}/`);
    // Of two at one place the later one covers the other.
    if (!isWithin || at.length < mount.length) continue;
    mount = at;
    isNoexec = options.split(",").includes("noexec");
  }
  return isNoexec ? mount : null;
}

/** The nearest of the path and its folders that is there, without links. */
function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : existing(above);
  }
}

/** Null: there is no such file, or none that this user can look at. */
function modeOf(path: string): number | null {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats.mode : null;
  } catch {
    return null;
  }
}
