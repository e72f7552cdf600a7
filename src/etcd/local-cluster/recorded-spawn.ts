/**
 * Starts a process that runs only after it has been written down: a shell waits for a line from here,
 * and becomes the program then, with the same pid and start time. If bench dies before the record is
 * written, the shell ends, and nothing is left of which no record exists.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fromSystemError } from "../../system-error.ts";
import type { Launch } from "./own-process.ts";

const SCRIPT = 'IFS= read -r go || exit 1; exec "$0" "$@" </dev/null';

/**
 * @param log the open file that takes standard output and standard error
 * @param record called with the shell; the program starts when it returns
 * @throws BenchError (usage) where no files are left for its input
 */
export function spawnRecorded(
  { command, env, cwd }: Launch,
  log: number,
  record: (child: ChildProcess) => void,
): void {
  const child = spawn("/bin/sh", ["-c", SCRIPT, ...command], {
    stdio: ["pipe", log, log],
    env,
    cwd,
    // A session of its own, so that Ctrl-C at the terminal does not end it.
    detached: true,
  });
  const input = child.stdin;
  if (input === undefined || input === null) {
    // It tells the same of itself, later.
    child.once("error", () => {});
    const error = Object.assign(new Error("EMFILE"), { code: "EMFILE", syscall: "spawn" });
    throw fromSystemError(Object.assign(error, { path: command[0] }))!;
  }
  // A shell that is gone is seen by its end.
  input.on("error", () => {});
  record(child);
  input.end("\n");
  // A process that its caller forgot must not keep bench from ending.
  child.unref();
}
