/**
 * Ends a throwaway cluster when this process is gone, however it ended: a shell that waits for the
 * end of a pipe from here, then kills the members and removes their folder. No handler of ours runs
 * on SIGKILL.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** What its command line shows; the folder is not in it, by which members are found. */
export const WATCHDOG_NAME = "etcd-bench-watchdog";

/**
 * Its input: the folder, then a line of pids whenever members start. A pid may be another process
 * by now; members and proxies name the folder in their command lines. Those that take a while to end, or
 * write meanwhile, are waited for before their folder is removed.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM USR1 USR2 ALRM
names_folder() {
  if [ -r "/proc/$1/cmdline" ]; then args=$(tr '\\0' ' ' <"/proc/$1/cmdline"); else args=$(ps -o args= -p "$1"); fi
  case $args in *"-dir=$folder/"*) return 0 ;; esac
  return 1
}
IFS= read -r folder || exit
while IFS= read -r line; do pids=$line; done
case $folder in */etcd-bench-local-*) ;; *) exit ;; esac
for round in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for pid in $pids; do if names_folder "$pid"; then kill -KILL "$pid"; left=yes; fi; done
  [ -n "$left" ] || break
  sleep 0.2
done
rm -rf "$folder"
`;

export class Watchdog {
  readonly #child: ChildProcess;

  constructor(folder: string) {
    this.#child = spawn("/bin/sh", ["-c", SCRIPT, WATCHDOG_NAME], {
      stdio: ["pipe", "ignore", "ignore"],
      // A session of its own: what ends our process group must not end it first.
      detached: true,
      // Not this process's folder, which it would keep from being unmounted.
      cwd: "/",
    });
    // Without a shell, or when it was killed, the next start of a cluster sweeps what is left.
    this.#child.on("error", () => {});
    this.#child.unref();
    // Without files left there is none.
    this.#child.stdin?.on("error", () => {});
    (this.#child.stdin as unknown as { unref(): void } | undefined)?.unref();
    this.#child.stdin?.write(`${folder}\n`);
  }

  /** From now on these are the members. */
  watch(pids: readonly number[]): void {
    this.#child.stdin?.write(`${pids.join(" ")}\n`);
  }

  /** The cluster has ended in order. */
  release(): void {
    this.#child.stdin?.end("\n");
  }
}
