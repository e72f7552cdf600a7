/** Reads saved metrics pages for the doctor, in place of a cluster that runs. */
import { type FileHandle, open } from "node:fs/promises";
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
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const { mtimeMs } = await handle.stat();
    const text = await readBounded(handle);
    if (text !== null) return { file, text, writtenAtMs: mtimeMs };
  } catch (cause) {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  } finally {
    await handle?.close();
  }
  throw usageError(`${file} is larger than 16 MiB, and no metrics page of etcd is`);
}

/** Null past the bound, also for pipes and devices, whose size is not known before. */
async function readBounded(handle: FileHandle): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
