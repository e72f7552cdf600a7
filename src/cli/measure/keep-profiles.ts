/** Writes etcd's profiles of a run into the folder of its result. */
import path from "node:path";
import { BenchError, EXIT } from "../../errors.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { makeFolder, writeNewFile } from "../../result/atomic-file.ts";
import type { ProfileFile } from "../../run/profiles.ts";
import { reason } from "../../system-error.ts";
import { collectFailure } from "../output/outputs.ts";

/**
 * @param folder null: where results are saved by default
 * @returns why they could not be written; null where they were
 */
export function keepProfiles(
  files: readonly ProfileFile[],
  folder: string | null,
  say: (line: string) => void,
): Promise<BenchError | null> {
  return collectFailure(async () => {
    const into = folder ?? RESULTS_FOLDER;
    if (files.length > 0) await makeFolder(into);
    for (const { name, bytes } of files) {
      const file = path.join(into, name);
      await writeNewFile(file, bytes).catch((cause: unknown) => {
        throw new BenchError(`cannot write ${file}: ${reason(cause)}`, EXIT.failed, { cause });
      });
      say(`saved ${file}`);
    }
  });
}
