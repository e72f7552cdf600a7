/** Owns what `bench report` does: reads results from files and folders and prints them, measuring nothing. */
import { EXIT } from "../errors.ts";
import { loadFolder } from "../result/store.ts";
import type { FlagValues } from "./command.ts";
import { reportFailure } from "./failure.ts";
import { toStandardOutput } from "./hand-over.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "./outputs.ts";

/** Resolves to the exit code; throws a usage error for a file that is no result. */
export async function printSavedResults(
  paths: readonly string[],
  flags: FlagValues,
): Promise<number> {
  const outputs = parseOutputs((flags.output as string[] | undefined) ?? []);
  const loaded = await Promise.all(paths.map(loadFolder));
  const results = loaded.flatMap((each) => each.results);
  await checkNotAnInput(
    outputs,
    loaded.flatMap(({ files }) => files),
  );
  await checkWritable(outputs, null);
  const failures = await writeOutputs(
    outputs,
    { kind: "results", results },
    toStandardOutput(flags),
  );
  for (const failure of failures) reportFailure(failure);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}
