/**
 * Listens for the signals that end a process: the first one ends a run in order, one that comes later
 * than those sent together with it leaves at once.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { EXIT } from "../errors.ts";
import { ENDING_SIGNALS } from "../etcd/local-cluster/exit-cleanup.ts";

export interface Interrupts {
  /** Aborted by the first signal once a run is under way. */
  signal: AbortSignal;
  /**
   * From now on the first signal drains; before, there is nothing to keep and it leaves at once.
   * @param what it waits for then, absent: the requests in flight
   */
  runBegins(what?: string): void;
  /** From now on nothing is in flight, and results are written. */
  outputsBegin(): void;
  dispose(): void;
}

/** Set by the launcher, which can see what Node takes back when it starts. */
const HANG_UP_VARIABLE = "BENCH_SIGHUP";
/**
 * What comes within this time is the first signal once more: GNU timeout sends its own to bench and to
 * bench's group, and Ctrl-C comes from the terminal and from npx.
 */
const TOGETHER_MS = 1_000;
const IN_FLIGHT = "waiting for the requests in flight";
/** Of open(2), as /proc shows it in octal. */
const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/**
 * Node makes an ignored SIGHUP end the process again. Where it was ignored when bench started, as by
 * nohup, it stays so.
 */
export function keepHangUpIgnored(env: NodeJS.ProcessEnv): void {
  const isIgnored = env[HANG_UP_VARIABLE] === "ignored" || hasInputOfNohup();
  // Of bench alone: what it starts is not to read it.
  delete env[HANG_UP_VARIABLE];
  if (isIgnored) process.on("SIGHUP", ignore);
}

function ignore(): void {}

/** GNU nohup puts an unreadable /dev/null in the place of a terminal, and no other program does. */
function hasInputOfNohup(): boolean {
  try {
    if (readlinkSync("/proc/self/fd/0") !== "/dev/null") return false;
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync("/proc/self/fdinfo/0", "utf8"))?.[1];
    return (Number.parseInt(flags ?? "0", 8) & ACCESS_MODE) === WRITE_ONLY;
  } catch {
    // No /proc: the launcher alone can tell.
    return false;
  }
}

/** The signals that end this process: what nohup ignores stays ignored. */
export function heardSignals(): NodeJS.Signals[] {
  const isIgnored = process.listeners("SIGHUP").includes(ignore);
  return ENDING_SIGNALS.filter((name) => name !== "SIGHUP" || !isIgnored);
}

/** `say` tells the user that the first signal was heard. */
export function listenForInterrupts(say: (line: string) => void): Interrupts {
  const abort = new AbortController();
  let running = false;
  let waitsFor = IN_FLIGHT;
  let heardMs = 0;
  const hear = (name: NodeJS.Signals) => {
    // A terminal that closes sends it more than once, by its shell and by the kernel.
    if (name === "SIGHUP" && abort.signal.aborted) return;
    if (abort.signal.aborted && performance.now() - heardMs < TOGETHER_MS) return;
    // The exit event still runs, and takes down what was started for this run.
    if (!running || abort.signal.aborted) process.exit(EXIT.interrupted);
    const again = name === "SIGHUP" ? "SIGINT or SIGTERM" : "once more";
    say(`stopping: ${waitsFor}; ${again} leaves at once`);
    abort.abort();
    heardMs = performance.now();
  };
  const heard = heardSignals();
  for (const name of heard) process.on(name, hear);
  return {
    signal: abort.signal,
    runBegins(what = IN_FLIGHT) {
      running = true;
      waitsFor = what;
    },
    outputsBegin() {
      waitsFor = "writing the results";
    },
    dispose() {
      for (const name of heard) process.off(name, hear);
    },
  };
}

/**
 * Aborts the signal of `work` at the first of those signals that do not end the process by themselves,
 * since a command listens for them.
 */
export async function endingAtSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const hear = () => abort.abort();
  const heard = ENDING_SIGNALS.filter((name) =>
    process.listeners(name).some((listener) => listener !== ignore),
  );
  for (const name of heard) process.on(name, hear);
  try {
    return await work(abort.signal);
  } finally {
    for (const name of heard) process.off(name, hear);
  }
}

/** Waits for the signal that ends a command which goes on until one comes. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => onFirstSignal(resolve));
}

/**
 * Calls `onFirst` at the first signal; one that comes later than those sent together with it ends the
 * process.
 * @returns ends the listening
 */
export function onFirstSignal(onFirst: (name: NodeJS.Signals) => void): () => void {
  const heard = heardSignals();
  let isHeard = false;
  const hear = (name: NodeJS.Signals) => {
    if (isHeard) return;
    isHeard = true;
    setTimeout(end, TOGETHER_MS).unref();
    onFirst(name);
  };
  const end = () => {
    for (const name of heard) process.off(name, hear);
  };
  for (const name of heard) process.on(name, hear);
  return end;
}
