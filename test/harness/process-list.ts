/** Reads what anybody on the machine sees of a process and of all that it has started. */
import { readdir, readFile } from "node:fs/promises";

export interface SeenProcess {
  pid: number;
  /** With NUL between arguments. */
  commandLine: string;
  /** As it was started with. */
  environment: string;
}

/** The process itself goes first; none where it has ended. */
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

/** Empty where the process has ended meanwhile. */
async function textOf(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return "";
    throw error;
  }
}
