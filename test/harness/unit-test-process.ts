/**
 * Runs unit test files in one process, one after another: of the files named on its command line each
 * that no other process has taken before. Its last lines are a summary as uvu prints it, of all that it ran.
 *
 *     node unit-test-process.js TAKEN_FOLDER FILE...
 *
 * uvu's own command line is not used: it gives each process a fixed share of the files, and says
 * nothing of a file without tests or of tests after a hook that threw.
 */
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { configureGlobal } from "fast-check";
import { takeThreadsFromBundle } from "./built-bench.ts";
import { ownCpuSeconds } from "./cpu-seconds.ts";
import { isQuickRun, QUICK_CASES } from "./whole-run.ts";

/** What uvu leaves here for each suite of a file, after the file's name. */
type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

declare global {
  var UVU_DEFER: number | undefined;
  var UVU_INDEX: number | undefined;
  var UVU_QUEUE: Suite[][];
}

// Before any file imports uvu: suites then wait until they are run here.
globalThis.UVU_DEFER = 1;
globalThis.UVU_INDEX = 0;
globalThis.UVU_QUEUE = [];

// A list that a property bounds is drawn up to that bound; without this, up to ten items.
configureGlobal({
  defaultSizeToMaxWhenMaxSpecified: true,
  ...(isQuickRun() && { numRuns: QUICK_CASES }),
});

// Modules take a thread several times as long to load.
takeThreadsFromBundle();

const counts = { total: 0, passed: 0, skipped: 0 };

async function runFile(file: string): Promise<void> {
  console.log(file);
  const suites: Suite[] = [];
  globalThis.UVU_QUEUE[0] = suites;
  const before = { ...counts, cpuSeconds: ownCpuSeconds() ?? 0 };
  try {
    await import(pathToFileURL(file).href);
    for (const suite of suites) await runSuite(suite);
  } catch (error) {
    fail(`it broke off: ${(error as Error)?.stack ?? error}`);
  }
  const { total, skipped } = counts;
  if (total + skipped === before.total + before.skipped)
    fail("it ran no test: is test.run() missing?");
  console.log(`took ${((ownCpuSeconds() ?? 0) - before.cpuSeconds).toFixed(2)} s of CPU, ${file}:`);
}

async function runSuite(suite: Suite): Promise<void> {
  const [errors, passed, skipped, total] = await suite();
  counts.total += total;
  counts.passed += passed;
  counts.skipped += skipped;
  if (errors !== true) console.log(`\n${errors}`);
  else if (passed < total) console.log(`${total - passed} tests did not run: a hook threw`);
}

function fail(reason: string): void {
  counts.total += 1;
  console.log(reason);
}

/** Whether this process is the first that asks for the file at this place of the list. */
function takes(folder: string, place: number): boolean {
  try {
    closeSync(openSync(path.join(folder, String(place)), "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const [folder, ...files] = process.argv.slice(2);
for (const [place, file] of files.entries()) {
  if (takes(folder!, place)) await runFile(file);
}
const { total, passed, skipped } = counts;
console.log(`\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}`);
