/** Finds the program that tests start as `bench`, by the same rule as bin/bench. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The program that users run. */
const BUNDLE = fromRoot("dist/bundle/main.cjs");
/** The same program as separate modules, which load several times as slowly. */
export const MODULES = fromRoot("dist/src/main.js");

/** The bundle, or the modules when tsc compiled after the bundle was made. */
export function builtBench(): string {
  return isBundleOld() ? MODULES : BUNDLE;
}

/** Makes new threads of this process run the bundle's programs. */
export function takeThreadsFromBundle(): void {
  if (isBundleOld()) return;
  const threads = createRequire(import.meta.url)("node:worker_threads") as {
    Worker: typeof Worker;
  };
  threads.Worker = class extends Worker {
    constructor(program: string | URL, options?: WorkerOptions) {
      const entry = /\/dist\/src\/(workers\/.*)\.js$/.exec(String(program))?.[1];
      super(entry === undefined ? program : fromRoot(`dist/bundle/${entry}.cjs`), options);
    }
  };
  syncBuiltinESMExports();
}

/** Makes the bundle when it is missing or older than the compiled modules. */
export function makeBundle(): void {
  if (!isBundleOld()) return;
  const { status, error } = spawnSync(process.execPath, [fromRoot("scripts/bundle.mjs")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`scripts/bundle.mjs ended with exit code ${status}`);
}

function isBundleOld(): boolean {
  const written = statSync(BUNDLE, { throwIfNoEntry: false });
  const compiled = statSync(fromRoot("dist/.tsbuildinfo"), { throwIfNoEntry: false });
  return written === undefined || (compiled !== undefined && compiled.mtimeMs > written.mtimeMs);
}
