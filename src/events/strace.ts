/**
 * Makes system calls of a running process slow or fail, by strace. strace ends with bench, however
 * bench ends: a shell waits for the end of a pipe from here, and ends it then.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { usageError } from "../errors.ts";
import { lookForProgram } from "../executable.ts";
import { printable } from "../text/visible.ts";

/** strace in the background, and a reader of the pipe that ends it; the shell ends with strace. */
const SCRIPT = `
exec 3<&0
strace "$@" </dev/null 3<&- &
tracer=$!
( cat <&3 >/dev/null; kill "$tracer" ) 2>/dev/null &
exec 3<&-
wait "$tracer"
kill $! 2>/dev/null
`;
/** What strace prints when it has the process. */
const ATTACHED = /^strace: Process \d+ attached/m;
const MOST_OUTPUT_CHARS = 4_000;

/** @throws BenchError (usage) where strace is not installed, or cannot be run */
export function requireStrace(): void {
  const look = lookForProgram("strace", "/", process.env);
  if (look === "runs") return;
  if (look !== "absent")
    throw usageError(`it needs strace, and ${look.path} ${look.why}; ${look.fix}`);
  throw usageError(
    "it needs strace, which is not on PATH; install it, e.g. apt-get install strace",
  );
}

/**
 * Attaches to all threads of a process, those to come among them.
 * @param injection as `--inject` takes it: `fdatasync:delay_exit=20000`
 * @returns what detaches; the process goes on as before, or has ended
 * @throws BenchError where strace cannot attach, in its words
 */
export async function inject(pid: number, injection: string): Promise<() => Promise<void>> {
  const [calls] = injection.split(":");
  const args = [...["-f", "-p", String(pid)], ...["-o", "/dev/null"]];
  const child = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "bench-strace", ...args, "-e", `trace=${calls}`, "-e", `inject=${injection}`],
    // Ctrl-C at the terminal must not detach it before the end of the event.
    { stdio: ["pipe", "ignore", "pipe"], detached: true },
  );
  // Without files left there is none, and it has ended.
  child.stdin?.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  await attached(child, ended);
  return async () => {
    child.stdin?.end();
    await ended;
  };
}

async function attached(child: ChildProcess, ended: Promise<void>): Promise<void> {
  let output = "";
  const isAttached = new Promise<void>((resolve) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(0, MOST_OUTPUT_CHARS);
      if (ATTACHED.test(output)) resolve();
    });
  });
  const isReady = await Promise.race([isAttached.then(() => true), ended.then(() => false)]);
  if (isReady) return;
  const [line = ""] = output.trim().split("\n");
  throw usageError(`strace cannot attach: ${printable(line) || "it ended"}`);
}
