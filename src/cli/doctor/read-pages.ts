/** Reads saved metrics pages for the doctor, in place of a cluster that runs. */
import { readFile, stat } from "node:fs/promises";
import type { MetricsDump } from "../../doctor/read-dumps.ts";
import { flagError, usageError } from "../../errors.ts";
import { type GivenFlags, isGiven } from "../../flags/flag.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { reason } from "../../system-error.ts";
import { DOCTOR_FLAGS } from "./doctor-flags.ts";

/** As of a page that is read from etcd. */
const MOST_BYTES = 16 * 1024 * 1024;

/** @throws BenchError (usage) that names the file that cannot be read, or a flag that needs an etcd */
export async function readPages(
  files: readonly string[],
  given: GivenFlags,
): Promise<MetricsDump[]> {
  const { probe, dataDirs } = DOCTOR_FLAGS;
  for (const flag of [...Object.values(TARGET_FLAGS), probe, dataDirs]) {
    if (!isGiven(given, flag)) continue;
    throw flagError(
      flag.name,
      `--${flag.name} and ${files[0]} exclude each other: saved pages are read in place of an etcd; give one of them`,
    );
  }
  // A page has an end; one after another, so that few are in memory at once.
  const dumps: MetricsDump[] = [];
  for (const file of files) dumps.push(await readPage(file));
  return dumps;
}

async function readPage(file: string): Promise<MetricsDump> {
  try {
    const { size, mtimeMs } = await stat(file);
    if (size <= MOST_BYTES) {
      return { file, text: await readFile(file, "utf8"), writtenAtMs: mtimeMs };
    }
  } catch (cause) {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  }
  throw usageError(`${file} is larger than 16 MiB, and no metrics page of etcd is`);
}
