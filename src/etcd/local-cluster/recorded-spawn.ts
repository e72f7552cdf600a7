/**
 * Starts a process that runs only after it has been written down: a shell waits for a line from here,
 * and becomes the program then, with the same pid and start time. If bench dies before the record is
 * written, the shell ends, and nothing is left of which no record exists.
 */
import { type ChildProcess, spawn } from "node:child_process";

const SCRIPT = 'IFS= read -r go || exit 1; exec "$0" "$@" </dev/null';

export interface RecordedSpawnOptions {
  /** The open file that takes standard output and standard error. */
  log: number;
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Called with the shell; the program starts when this returns. */
  record(child: ChildProcess): void;
}

/** @param command the path of the program and its arguments */
export function spawnRecorded(
  command: readonly string[],
  { log, env, cwd, record }: RecordedSpawnOptions,
): void {
  const child = spawn("/bin/sh", ["-c", SCRIPT, ...command], {
    stdio: ["pipe", log, log],
    env,
    cwd,
    // A group of its own, so that Ctrl-C at the terminal does not end it.
    detached: true,
  });
  // A shell that is gone is seen by its end.
  const input = child.stdin!;
  input.on("error", () => {});
  record(child);
  input.end("\n");
  // A process that its caller forgot must not keep bench from ending.
  child.unref();
}
