/** Reads what any user of the machine sees of a process and of its descendants. */
import { readdir, readFile } from "node:fs/promises";

export interface SeenProcess {
  pid: number;
  /** Arguments, separated by NUL. */
  commandLine: string;
  /** The environment at the start. */
  environment: string;
}

/** The process first, then its descendants; empty when it ended. */
export async function seenProcesses(pid: number): Promise<SeenProcess[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await textOf(Number(name), "stat") : "";
    const parent = /\) \S (\d+)/.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOf = (each: number | undefined): boolean =>
    each !== undefined && each > 0 && (each === pid || isOf(parents.get(each)));
  const pids = [...parents.keys()].filter(isOf).sort((a, b) => a - b);
  return Promise.all(
    pids.map(async (each) => ({
      pid: each,
      commandLine: await textOf(each, "cmdline"),
      environment: await textOf(each, "environ"),
    })),
  );
}

/** Empty when the process has ended. */
async function textOf(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return "";
    throw error;
  }
}
