/** Finds the one file that has all of bench, for machines on which bench is not installed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { usageError } from "../errors.ts";
import { packageRoot } from "../package-root.ts";

/** @throws BenchError (usage) in a checkout that has not been bundled */
export function programFile(): string {
  const file = join(packageRoot(), "dist", "bundle", "bench.cjs");
  if (existsSync(file)) return file;
  throw usageError(`${file} is missing: run npm run build in ${packageRoot()}`);
}
