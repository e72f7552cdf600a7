/** Owns what `bench compare` does: reads two sides, compares, prints, and ends with the verdict. */
import { compareRuns } from "../compare/compare.ts";
import { gatesOf, leastEffectsOf } from "../compare/from-flags.ts";
import { EXIT, usageError } from "../errors.ts";
import { loadFolder } from "../result/store.ts";
import type { FlagValues } from "./command.ts";
import { exitCodeOfComparison } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { toStandardOutput } from "./hand-over.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "./outputs.ts";

/** Resolves to the exit code; throws a usage error where the sides cannot be compared. */
export async function compareSaved(base: string, head: string, flags: FlagValues): Promise<number> {
  const outputs = parseOutputs((flags.output as string[] | undefined) ?? [], "table", "comparison");
  const gates = gatesOf(flags.gate as string | undefined);
  const leastEffects = leastEffectsOf((flags["least-effect"] as string[] | undefined) ?? []);
  const [ofBase, ofHead] = await Promise.all([loadFolder(base), loadFolder(head)]);
  const inHead = new Set(ofHead.results.map(({ id }) => id));
  const shared = ofBase.results.find(({ id }) => inHead.has(id));
  if (shared !== undefined) {
    throw usageError(
      `the result ${shared.id} is in ${base} and in ${head}: a run cannot be compared with itself`,
    );
  }
  await checkNotAnInput(outputs, [...ofBase.files, ...ofHead.files]);
  await checkWritable(outputs, null);
  const comparison = compareRuns(ofBase.results, ofHead.results, {
    baseLabel: base,
    headLabel: head,
    gates,
    leastEffects,
  });
  const subject = { kind: "comparison", comparison } as const;
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  const exitCode = exitCodeOfComparison(comparison, flags.strict === true);
  return exitCode === EXIT.done && failures.length > 0 ? EXIT.failed : exitCode;
}
