/**
 * Runs all tests, or those whose path contains one of the arguments: unit tests in several processes,
 * then each end-to-end file in its own process, six at a time, with shared bench processes. Every
 * end-to-end test uses a real etcd, and some files also an old one. `--all` runs more of both, and
 * `--quick` fewer unit tests (whole-run.ts). $BENCH_TEST_TIMES prints the CPU time of each unit test
 * file. The last line is `N passed, N failed`; the line before it counts skipped tests, if any.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { sweepAbandonedClusters } from "../src/etcd/local-cluster/cluster-folder.ts";
import { etcdForTests, olderEtcdForTests } from "./etcd/real-etcd.ts";
import { makeBundle } from "./harness/built-bench.ts";
import { patient } from "./harness/patience.ts";
import { RESIDENTS, runInOwnResident } from "./harness/resident-bench.ts";
import { serveResidents } from "./harness/resident-server.ts";
import {
  ALONE,
  IN_WHOLE_RUN,
  ON_OLDER_ETCD_IN_WHOLE,
  ON_OLDER_ETCD_TOO,
  SLOWEST,
  SLOWEST_UNIT,
} from "./harness/test-lists.ts";
import {
  endAllTestProcesses,
  runTestProcess,
  type TestCounts,
  type TestOutcome,
  type TestProcess,
} from "./harness/test-process.ts";
import { isQuickRun, isWholeRun, QUICK_RUN, WHOLE_RUN } from "./harness/whole-run.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TESTS = fileURLToPath(new URL(".", import.meta.url));
const UNIT_PROCESS = join(TESTS, "harness/unit-test-process.js");

/** One more than the cores of a small machine, because tests wait. Each process loads all sources. */
const UNIT_PROCESSES = 3;
/** End-to-end tests wait for more than half of their time. */
const END_TO_END_AT_A_TIME = 6;
/** Far more than any process takes on a loaded machine: only a hang reaches it. */
const LIMIT_MS = patient(900_000);

/** A test file that cannot run on the older etcd, because that etcd is not available. */
interface Skipped {
  file: string;
  reason: string;
}

async function runAll(words: readonly string[]): Promise<number> {
  // Uses the sources, because dist may still have the output of a deleted test.
  const all = findTests(join(ROOT, "test"), "").map((file) => file.replace(/ts$/, "js"));
  const listed = [...SLOWEST.map(endToEndFile), ...SLOWEST_UNIT.map(unitFile)];
  const gone = listed.filter((file) => !all.includes(file));
  if (gone.length > 0) {
    console.error(`test/harness/test-lists.ts names tests that are not there: ${gone.join(", ")}`);
    return 1;
  }
  const files = all
    .filter((file) =>
      words.length === 0
        ? isWholeRun() || !IN_WHOLE_RUN.some((name) => file === endToEndFile(name))
        : words.some((word) => file.includes(word)),
    )
    .filter((file) => !isQuickRun() || !SLOWEST_UNIT.some((name) => file === unitFile(name)));
  if (files.length === 0) {
    console.error(`no test file has ${words.join(" or ")} in its path`);
    return 1;
  }
  if (words.length === 0 && !isWholeRun()) {
    const left = `${IN_WHOLE_RUN.join(", ")}, and etcd 3.4 but for ${ON_OLDER_ETCD_TOO.join(", ")}`;
    console.log(`left to npm run test:all: ${left}`);
  }
  if (isQuickRun()) console.log(`left to npm test: unit tests of ${SLOWEST_UNIT.join(", ")}`);
  const unit = files.filter((file) => file.startsWith("unit/"));
  const endToEnd = files.filter((file) => file.startsWith("e2e/"));
  if (endToEnd.length > 0) {
    makeBundle();
    await etcdForTests();
  }
  const older = await prepareOlder(endToEnd.filter(isForOlder));
  const outcomes = [
    ...(await runUnitTests(unit)),
    ...(await runEndToEnd([...endToEnd.map((file) => endToEndProcess(file)), ...older.processes])),
  ];
  if (process.env.BENCH_TEST_TIMES) printTimes(outcomes);
  const counts = outcomes.map((outcome): TestCounts => outcome);
  for (const { file, reason } of older.skipped) {
    // The file ran on the other etcd, so its number of tests is known.
    const twin = outcomes.find(({ name }) => name === file)!;
    const skipped = twin.passed + twin.failed + twin.skipped;
    console.log(`skipped: ${file} on the older etcd: ${reason}`);
    counts.push({ passed: 0, failed: 0, skipped });
  }
  return report(counts);
}

function isForOlder(file: string): boolean {
  const names = [...ON_OLDER_ETCD_TOO, ...(isWholeRun() ? ON_OLDER_ETCD_IN_WHOLE : [])];
  return names.some((name) => file === endToEndFile(name));
}

function endToEndFile(name: string): string {
  return `e2e/${name}.test.js`;
}

function unitFile(name: string): string {
  return `unit/${name}.test.js`;
}

function slowestFirst(processes: readonly EndToEndProcess[]): EndToEndProcess[] {
  const place = ({ file }: EndToEndProcess) => {
    const at = SLOWEST.findIndex((name) => file === endToEndFile(name));
    return at < 0 ? SLOWEST.length : at;
  };
  return processes.toSorted((one, other) => place(one) - place(other));
}

/** Paths of the test files below `root`, relative to it, sorted. */
function findTests(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return findTests(root, path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    })
    .sort();
}

/** Runs unit tests in processes that share one list of files and take the next file when idle. */
async function runUnitTests(files: readonly string[]): Promise<TestOutcome[]> {
  const count = Math.min(UNIT_PROCESSES, files.length);
  const slowest = SLOWEST_UNIT.map(unitFile).filter((file) => files.includes(file));
  const ordered = new Set([...slowest, ...files]);
  const taken = mkdtempSync(join(tmpdir(), "bench-unit-tests-"));
  const args = [UNIT_PROCESS, taken, ...Array.from(ordered, (file) => join(TESTS, file))];
  try {
    return await runProcesses(
      Array.from({ length: count }, (_, index) => ({
        name: `unit tests, process ${index + 1} of ${count}`,
        args,
        limitMs: LIMIT_MS,
        mayRunNone: true,
      })),
      count,
    );
  } finally {
    rmSync(taken, { recursive: true, force: true });
  }
}

async function runEndToEnd(processes: readonly EndToEndProcess[]): Promise<TestOutcome[]> {
  if (processes.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "bench-residents-"));
  const socketPath = join(folder, "socket");
  const server = await serveResidents(socketPath, runInOwnResident);
  const served = processes.map((each) => ({
    ...each,
    env: { ...each.env, [RESIDENTS]: socketPath },
  }));
  const isAlone = ({ file }: EndToEndProcess) => ALONE.some((name) => file === endToEndFile(name));
  try {
    const together = slowestFirst(served.filter((each) => !isAlone(each)));
    return [
      ...(await runProcesses(together, END_TO_END_AT_A_TIME)),
      ...(await runProcesses(served.filter(isAlone), 1)),
    ];
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An end-to-end test file and its process. */
interface EndToEndProcess extends TestProcess {
  file: string;
}

function endToEndProcess(file: string, on = "", env?: NodeJS.ProcessEnv): EndToEndProcess {
  return {
    file,
    name: `${file}${on}`,
    args: [join(TESTS, file)],
    limitMs: LIMIT_MS,
    ...(env && { env }),
  };
}

async function prepareOlder(
  files: readonly string[],
): Promise<{ processes: EndToEndProcess[]; skipped: Skipped[] }> {
  // With an etcd named by the user, all tests run on that one.
  if (files.length === 0 || process.env.BENCH_TEST_ETCD) return { processes: [], skipped: [] };
  try {
    const { path, version } = await olderEtcdForTests();
    const onOlder = (file: string) =>
      endToEndProcess(file, ` on etcd ${version}`, { BENCH_TEST_ETCD: path });
    return { processes: files.map(onOlder), skipped: [] };
  } catch (error) {
    const reason = (error as Error).message;
    return { processes: [], skipped: files.map((file) => ({ file, reason })) };
  }
}

/** After a signal, no more processes start. */
let isEnding = false;

async function runProcesses(
  processes: readonly TestProcess[],
  atATime: number,
): Promise<TestOutcome[]> {
  const outcomes: TestOutcome[] = [];
  const waiting = isEnding ? [] : [...processes];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      isEnding = true;
      waiting.length = 0;
      endAllTestProcesses();
    });
  }
  const workNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await runTestProcess(next);
      outcomes.push(outcome);
      printOutcome(outcome);
      if (outcome.fault !== null) sweepAbandonedClusters();
    }
  };
  await Promise.all(Array.from({ length: atATime }, workNext));
  return outcomes;
}

/** Prints CPU times of unit tests, the largest first (unit-test-process.ts measures them). */
function printTimes(outcomes: readonly TestOutcome[]): void {
  const times = outcomes.flatMap(({ output }) =>
    Array.from(output.matchAll(/^took ([\d.]+) s of CPU, (.*):$/gm), ([, seconds, file]) => ({
      ...{ seconds: Number(seconds), file: relative(TESTS, file!) },
    })),
  );
  for (const { seconds, file } of times.sort((one, other) => other.seconds - one.seconds))
    console.log(`${seconds.toFixed(2)} s of CPU: ${file}`);
}

function printOutcome({ name, seconds, cpuSeconds, output, fault, ...counts }: TestOutcome): void {
  const isWell = counts.failed === 0;
  if (isWell) {
    // Each skipped test prints a line of its own.
    for (const line of output.split("\n")) if (line.startsWith("skipped: ")) console.log(line);
  } else {
    console.log(`\n${output.trimEnd()}\n`);
  }
  const why = fault === null ? "" : `: ${fault}`;
  const mark = isWell ? "ok  " : "FAIL";
  const cpu = cpuSeconds === null ? "" : `, ${cpuSeconds.toFixed(1)} s of CPU`;
  console.log(`${mark} ${name}: ${summaryOf(counts)} (${seconds.toFixed(1)} s${cpu})${why}`);
}

function report(counts: readonly TestCounts[]): number {
  const sum = (field: keyof TestCounts) => counts.reduce((total, each) => total + each[field], 0);
  const total = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  // The last line has only this, because CI searches for it.
  console.log(summaryOf({ ...total, skipped: 0 }));
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function summaryOf({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const given = process.argv.slice(2);
const words = given.filter((word) => !word.startsWith("--"));
if (given.includes("--all")) process.env[WHOLE_RUN] = "1";
if (given.includes("--quick")) process.env[QUICK_RUN] = "1";
process.exitCode = await runAll(words);
