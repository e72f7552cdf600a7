/** Prints the labels of the results that are saved in the usual folder, for the scripts of shells. */
import { existsSync } from "node:fs";
import { EXIT } from "../../errors.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { listFolder } from "../../listing/listing.ts";
import { writeStandardOutput } from "../output/standard-output.ts";

/** What no shell takes apart or reads as more than a word. */
const PLAIN = /^[\w.:/@%+-]+=[\w.:/@%+-]+$/;

/** Resolves to the exit code. */
export async function printSavedLabels(): Promise<number> {
  if (!existsSync(RESULTS_FOLDER)) return EXIT.done;
  const { listing } = await listFolder(RESULTS_FOLDER);
  const labels = listing.entries.flatMap(({ listed }) =>
    Object.entries(listed?.labels ?? {}).map((pair) => pair.join("=")),
  );
  const words = [...new Set(labels)].filter((word) => PLAIN.test(word)).sort();
  if (words.length > 0) await writeStandardOutput(words.join("\n"));
  return EXIT.done;
}
