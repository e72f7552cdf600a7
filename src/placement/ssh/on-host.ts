/**
 * What runs on a host, by its own Node: it writes what came over standard input, and starts, looks at or ends
 * the agent. Only its text goes there, so it uses nothing but its arguments.
 */

/** The first line on standard input; what `start` writes follows it. */
export type HostTask =
  | {
      action: "start";
      folder: string;
      /** Arguments of bench. */
      args: readonly string[];
      programBytes: number;
      joinBytes: number;
    }
  | { action: "look" | "end"; folder: string };

/** Its last line on standard output, after MARKER. */
export interface HostAnswer {
  /** Null: it was done. `no-node` and `old-node` come from the line that starts the script. */
  fault: string | null;
  /** Of an error of the system: `ENOSPC`. */
  code?: string;
  /** Of a Node that is too old. */
  version?: string;
  state?: "running" | "ended";
  logEnd?: string;
}

export const MARKER = "etcd-bench-agent:";
/** In the agent's folder. */
export const PROGRAM_FILE = "bench.cjs";
export const JOIN_FILE = "join.json";

/** @param load Node's `require` @param print a line on standard output */
export function runOnHost(
  load: NodeJS.Require,
  process: NodeJS.Process,
  print: (answer: HostAnswer) => void,
): void {
  const fs: typeof import("node:fs") = load("fs");
  const childProcess: typeof import("node:child_process") = load("child_process");
  const LOG_BYTES = 4096;
  const TERM_MS = 10_000;
  /** After SIGTERM; the caller gives up later. */
  const KILL_MS = 30_000;
  const input = fs.readFileSync(0);
  const headEnd = input.indexOf(10);
  const task: HostTask = JSON.parse(input.toString("utf8", 0, headEnd));
  const folder = task.folder;
  const noteFile = `${folder}/agent.json`;
  const logFile = `${folder}/agent.log`;

  function bootId(): string {
    try {
      return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    } catch {
      return "";
    }
  }

  function startOf(pid: number): string | null {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z" || fields[0] === "X") return null;
      // Start times count from the start of the machine.
      return `${bootId()}/${fields[19]!}`;
    } catch {
      if (fs.existsSync("/proc/self/stat")) return null;
    }
    // A system without /proc.
    const ps = childProcess.spawnSync("ps", ["-o", "lstart=", "-p", String(pid)]);
    return ps.status === 0 ? String(ps.stdout).trim() : null;
  }

  function livingPid(): number | null {
    if (!fs.existsSync(noteFile)) return null;
    const note = JSON.parse(fs.readFileSync(noteFile, "utf8"));
    // Null: it had ended when it was written down.
    return note.start !== null && startOf(note.pid) === note.start ? note.pid : null;
  }

  function kill(pid: number, signal: NodeJS.Signals): void {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  function logEnd(): string {
    if (!fs.existsSync(logFile)) return "";
    const log = fs.openSync(logFile, "r");
    try {
      const { size } = fs.fstatSync(log);
      const end = Buffer.alloc(Math.min(size, LOG_BYTES));
      fs.readSync(log, end, 0, end.length, size - end.length);
      return end.toString();
    } finally {
      fs.closeSync(log);
    }
  }

  function remove(): void {
    fs.rmSync(folder, { recursive: true, force: true });
  }

  function start(started: Extract<HostTask, { action: "start" }>): void {
    const programEnd = headEnd + 1 + started.programBytes;
    if (input.length !== programEnd + started.joinBytes) throw new Error("not all of it has come");
    fs.mkdirSync(folder, { mode: 0o700 });
    let child: import("node:child_process").ChildProcess | undefined;
    try {
      const secret = { mode: 0o600, flag: "wx" };
      fs.writeFileSync(`${folder}/bench.cjs`, input.subarray(headEnd + 1, programEnd), secret);
      fs.writeFileSync(`${folder}/join.json`, input.subarray(programEnd), secret);
      const log = fs.openSync(logFile, "wx", 0o600);
      child = childProcess.spawn(process.execPath, [`${folder}/bench.cjs`, ...started.args], {
        cwd: folder,
        detached: true,
        // What it compiles is not left in the user's home.
        env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
        stdio: ["ignore", log, log],
      });
      const { pid } = child;
      if (pid === undefined) throw new Error("the system did not start it");
      fs.writeFileSync(noteFile, JSON.stringify({ pid, start: startOf(pid) }));
      child.unref();
    } catch (error) {
      // Without the note nothing would find it again.
      child?.kill("SIGKILL");
      remove();
      throw error;
    }
    print({ fault: null });
  }

  function end(): void {
    const pid = livingPid();
    if (pid === null) {
      remove();
      print({ fault: null });
      return;
    }
    kill(pid, "SIGTERM");
    const begunMs = performance.now();
    const wait = () => {
      if (livingPid() === null) {
        remove();
        print({ fault: null });
        return;
      }
      const passedMs = performance.now() - begunMs;
      if (passedMs > KILL_MS) {
        print({ fault: `process ${pid} does not end, not even by SIGKILL` });
        return;
      }
      if (passedMs > TERM_MS) kill(pid, "SIGKILL");
      setTimeout(wait, 50);
    };
    wait();
  }

  try {
    if (task.action === "start") start(task);
    else if (task.action === "end") end();
    else {
      print({ fault: null, state: livingPid() === null ? "ended" : "running", logEnd: logEnd() });
    }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    print({ fault: message, ...(code !== undefined && { code }) });
  }
}
