/**
 * Runs unit test files in one process, one after another: each named file that no other process has
 * taken. The last lines are a summary of all its tests, in the format of uvu.
 *
 *     node unit-test-process.js TAKEN_FOLDER FILE...
 *
 * uvu's own command line is not used: it gives each process a fixed share of the files, and does not
 * report files without tests, nor tests after a failed hook.
 */
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { configureGlobal } from "fast-check";
import { takeThreadsFromBundle } from "./built-bench.ts";
import { ownCpuSeconds } from "./cpu-seconds.ts";
import { EndlessWatch } from "./endless-watch.ts";
import { isQuickRun, QUICK_CASES } from "./whole-run.ts";

/** A suite, as uvu stores it here after the name of its file. */
type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

declare global {
  var UVU_DEFER: number | undefined;
  var UVU_INDEX: number | undefined;
  var UVU_QUEUE: Suite[][];
}

// Set before any file imports uvu: suites then wait until this file runs them.
globalThis.UVU_DEFER = 1;
globalThis.UVU_INDEX = 0;
globalThis.UVU_QUEUE = [];

// Lists use their full maximum length; by default, fast-check stops at about ten items.
configureGlobal({
  defaultSizeToMaxWhenMaxSpecified: true,
  ...(isQuickRun() && { numRuns: QUICK_CASES }),
});

// Threads load the bundle several times as fast as modules.
takeThreadsFromBundle();

const counts = { total: 0, passed: 0, skipped: 0 };

const endless = new EndlessWatch();

async function runFile(file: string): Promise<void> {
  console.log(file);
  endless.begins(file);
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

/** Whether this process is the first that takes the file at this index. */
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
await endless.end();
const { total, passed, skipped } = counts;
console.log(`\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}`);
