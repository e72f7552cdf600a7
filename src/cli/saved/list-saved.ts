/** Carries out `bench list`: reads a folder, or its index, and prints the list. */
import { existsSync } from "node:fs";
import { EXIT, usageError } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { listFolder } from "../../listing/listing.ts";
import { selectedListing } from "../../listing/selection.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { writeStandardError } from "../output/standard-output.ts";
import { LIST_FLAGS } from "./list-flags.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";

/** `named` is null for the default. Resolves to the exit code; throws a usage error for what is no folder. */
export async function listSaved(named: string | null, given: GivenFlags): Promise<number> {
  const flags = readFlags(LIST_FLAGS, given);
  const outputs = parseOutputs(flags.output, "table", "listing");
  await checkWritable(outputs, null);
  const folder = named ?? RESULTS_FOLDER;
  if (named === null && !existsSync(folder)) {
    throw usageError(
      `there is no folder ${folder} here: runs with --save are kept in it, or name another one, e.g. bench list nightly`,
    );
  }
  const { listing: found, indexFailure } = await listFolder(folder);
  const listing = selectedListing(found, flags);
  if (indexFailure !== null) {
    writeStandardError(`note: the next list reads all files again: ${indexFailure.message}\n`);
  }
  sayWhatIsSkipped(listing.skipped);
  const subject = { kind: "listing", listing } as const;
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}
