/**
 * Runs one process of tests: starts it, bounds its time, and reads what came of it out of uvu's
 * own summary. The runner calls it for each process; nothing here knows what is tested.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { patient } from "./patience.ts";

export interface TestProcess {
  /** As the user sees it. */
  name: string;
  /** Arguments of node. */
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  limitMs: number;
  /** Where others may have taken all its files before it asked for one. */
  mayRunNone?: boolean;
}

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestOutcome extends TestCounts {
  name: string;
  seconds: number;
  /** Of the process and all that it has waited for; null where it is not known. */
  cpuSeconds: number | null;
  /** Both streams, in the order in which they came, without colours. */
  output: string;
  /** Why the process itself counts as a failure; null where only its tests do, or none. */
  fault: string | null;
}

/** A process that was asked to end takes its etcds down with it, which needs a moment. */
const TERM_GRACE_MS = patient(5_000);
/** What a process that has ended left in its pipes is read within this. */
const CLOSE_GRACE_MS = patient(2_000);

const CPU_TIME = new URL("./cpu-time.js", import.meta.url).href;

const running = new Set<ChildProcess>();

/** Never rejects: a process that cannot be started is an outcome with a fault. */
export function runTestProcess(options: TestProcess): Promise<TestOutcome> {
  const { name, args, env, limitMs, mayRunNone = false } = options;
  const startMs = performance.now();
  return new Promise((resolve) => {
    let output = "";
    let fault: string | null = null;
    const child = spawn(process.execPath, [`--import=${CPU_TIME}`, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that all it started can be ended with it.
      detached: true,
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const limit = setTimeout(() => {
      fault = `it did not end within ${limitMs / 1000} s and was killed`;
      endGroup(child);
    }, limitMs);
    child.on("error", (error) => {
      fault = `it did not start: ${error.message}`;
      finish(null);
    });
    child.on("close", (code, signal) => finish(signal ?? code));
    // A process that a killed test left behind can hold the streams open.
    child.on("exit", (code, signal) => {
      setTimeout(() => finish(signal ?? code), CLOSE_GRACE_MS).unref();
    });
    const finish = (end: NodeJS.Signals | number | null) => {
      clearTimeout(limit);
      running.delete(child);
      child.stdout.destroy();
      child.stderr.destroy();
      const seconds = (performance.now() - startMs) / 1000;
      const plain = stripVTControlCharacters(output);
      const cpuSeconds = readCpuSeconds(plain);
      resolve({
        name,
        seconds,
        cpuSeconds,
        output: plain,
        ...judge(plain, end, fault, mayRunNone),
      });
    };
  });
}

/** Ends every process that still runs; for a runner that is itself told to end. */
export function endAllTestProcesses(): void {
  for (const child of running) endGroup(child);
}

/** SIGTERM lets a test's etcds go down with it, since they stand in groups of their own. */
function endGroup(child: ChildProcess): void {
  signalGroup(child, "SIGTERM");
  setTimeout(() => signalGroup(child, "SIGKILL"), TERM_GRACE_MS).unref();
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function judge(
  output: string,
  end: NodeJS.Signals | number | null,
  fault: string | null,
  mayRunNone: boolean,
): TestCounts & Pick<TestOutcome, "fault"> {
  const counts = readSummary(output) ?? { passed: 0, failed: 0, skipped: 0 };
  const why = fault ?? faultOf(output, counts, end, mayRunNone);
  // A test that failed has told why the exit code is not 0; anything else is one more failure.
  return { ...counts, failed: counts.failed + (why === null ? 0 : 1), fault: why };
}

function faultOf(
  output: string,
  counts: TestCounts,
  end: NodeJS.Signals | number | null,
  mayRunNone: boolean,
): string | null {
  if (readSummary(output) === null) return `it ended (${describeEnd(end)}) without a summary`;
  const ran = counts.passed + counts.failed + counts.skipped;
  if (ran === 0 && !mayRunNone) return "it ran no test";
  if (end !== 0 && counts.failed === 0)
    return `its tests passed, but it ended with ${describeEnd(end)}`;
  return null;
}

function describeEnd(end: NodeJS.Signals | number | null): string {
  return typeof end === "number" ? `exit code ${end}` : (end ?? "no exit code");
}

/** What cpu-time.ts has printed. */
function readCpuSeconds(output: string): number | null {
  const seconds = /^cpu: ([\d.]+) s$/m.exec(output)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/**
 * The last summary that uvu printed; null without one. What uvu does not pass has failed: it leaves
 * out of both its failures and its exit code the tests behind a hook that threw.
 */
export function readSummary(output: string): TestCounts | null {
  const summary = /Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/g;
  const [, total, passed, skipped] = [...output.matchAll(summary)].at(-1)?.map(Number) ?? [];
  if (total === undefined || passed === undefined || skipped === undefined) return null;
  return { passed, failed: total - passed, skipped };
}
