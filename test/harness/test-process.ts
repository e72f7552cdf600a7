/**
 * Runs one process of tests: starts it, limits its time, and reads the outcome from the summary of
 * uvu. It knows nothing about the tests themselves.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { patient } from "./patience.ts";

export interface TestProcess {
  /** The name that the user sees. */
  name: string;
  /** Arguments of node. */
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  limitMs: number;
  /** True when other processes may have taken all its files first. */
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
  /** CPU time of the process and of the children that it waited for; null when unknown. */
  cpuSeconds: number | null;
  /** Both streams in the order of arrival, without colours. */
  output: string;
  /** Why the process itself failed; null when only tests failed, or none. */
  fault: string | null;
}

/** Time for a terminated process to stop its etcds. */
const TERM_GRACE_MS = patient(5_000);
/** Time to read the remaining output of an ended process. */
const CLOSE_GRACE_MS = patient(2_000);

const CPU_TIME = new URL("./cpu-time.js", import.meta.url).href;

const running = new Set<ChildProcess>();

/** Never rejects: a process that does not start is an outcome with a fault. */
export function runTestProcess(options: TestProcess): Promise<TestOutcome> {
  const { name, args, env, limitMs, mayRunNone = false } = options;
  const startMs = performance.now();
  return new Promise((resolve) => {
    let output = "";
    let fault: string | null = null;
    const child = spawn(process.execPath, [`--import=${CPU_TIME}`, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A separate group, so that all its descendants can be ended with it.
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
    // A process left by a killed test can keep the streams open.
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

/** Ends every running process; for a test runner that receives a signal. */
export function endAllTestProcesses(): void {
  for (const child of running) endGroup(child);
}

/** SIGTERM lets a test stop its etcds, which have process groups of their own. */
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
  // A failed test already explains an exit code other than 0; any other reason is one more failure.
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

/** Reads the line that cpu-time.ts prints. */
function readCpuSeconds(output: string): number | null {
  const seconds = /^cpu: ([\d.]+) s$/m.exec(output)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/**
 * The last summary of uvu; null without one. Tests that did not pass count as failed: uvu leaves
 * tests after a failed hook out of its failures and its exit code.
 */
export function readSummary(output: string): TestCounts | null {
  const summary = /Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/g;
  const [, total, passed, skipped] = [...output.matchAll(summary)].at(-1)?.map(Number) ?? [];
  if (total === undefined || passed === undefined || skipped === undefined) return null;
  return { passed, failed: total - passed, skipped };
}
