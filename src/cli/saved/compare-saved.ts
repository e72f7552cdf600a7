/** Carries out `bench compare`: reads two sides, compares them and prints the verdict. */
import { compareArms, loadSession, type SavedSession } from "../../ab/session.ts";
import { compareRuns } from "../../compare/compare.ts";
import { completePairs } from "../../compare/complete-pairs.ts";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import type { Comparison } from "../../compare/schema.ts";
import { EXIT, usageError } from "../../errors.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { loadFolder } from "../../saved/store.ts";
import { exitCodeOfComparison } from "../exit-code.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import {
  checkNotAnInput,
  checkWritable,
  type Output,
  parseOutputs,
  writeOutputs,
} from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { COMPARE_FLAGS } from "./compare-flags.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";

/**
 * `base` alone is the folder of a session of ab. Resolves to the exit code.
 * @throws BenchError (usage) if the sides cannot be compared
 */
export async function compareSaved(
  base: string,
  head: string | null,
  given: GivenFlags,
): Promise<number> {
  const flags = readFlags(COMPARE_FLAGS, given);
  const outputs = parseOutputs(flags.output, "table", "comparison");
  const gates = gatesOf(flags.gate);
  const leastEffects = leastEffectsOf(flags.leastEffects);
  if (head === null) {
    const session = await sessionIn(base);
    sayWhatIsSkipped(session.skipped);
    await checkNotAnInput(outputs, session.files);
    await checkWritable(outputs, null);
    // Without --gate the gates are those that were declared before anything was measured.
    const judgedBy = { gates: flags.gate === null ? undefined : gates, leastEffects };
    return writeComparison(compareArms(session, judgedBy), outputs, flags);
  }
  const [ofBase, ofHead] = [await loadFolder(base), await loadFolder(head)];
  sayWhatIsSkipped([...ofBase.skipped, ...ofHead.skipped]);
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
  return writeComparison(comparison, outputs, flags);
}

async function sessionIn(folder: string): Promise<SavedSession> {
  const stored = await loadSession(folder);
  if (stored === null) {
    throw usageError(
      `${folder} holds no session of bench ab, and nothing is named to compare it with: bench compare <base> <head>`,
    );
  }
  const { a, b } = stored.results;
  if (completePairs(a, b).pairs > 0) return stored;
  throw usageError(
    `${folder} holds a session of bench ab without a complete pair; bench ab --resume goes on`,
  );
}

/** Resolves to the exit code. */
export async function writeComparison(
  comparison: Comparison,
  outputs: readonly Output[],
  flags: Read<typeof COMPARE_FLAGS>,
): Promise<number> {
  const subject = { kind: "comparison", comparison } as const;
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  sayVerdict(subject, outputs, null);
  const exitCode = exitCodeOfComparison(comparison, flags.strict);
  return exitCode === EXIT.done && failures.length > 0 ? EXIT.failed : exitCode;
}
