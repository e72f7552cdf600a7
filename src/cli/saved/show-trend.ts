/** What `bench trend` does: reads the nights of a folder, looks for changes, prints them. */
import path from "node:path";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import { loadSaved, type SavedFile } from "../../compare/saved.ts";
import { nightsOf } from "../../compare/trend/nights.ts";
import { trendOf } from "../../compare/trend/trend.ts";
import { EXIT } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";
import { TREND_FLAGS } from "./trend-flags.ts";

/** Resolves to the exit code: 1 where a gate alarms. Throws a usage error where there is no night. */
export async function showTrend(folder: string, given: GivenFlags): Promise<number> {
  const flags = readFlags(TREND_FLAGS, given);
  const { seed } = flags;
  const outputs = parseOutputs(flags.output, "table", "trend");
  const gates = gatesOf(flags.gate);
  const leastEffects = leastEffectsOf(flags.leastEffects);
  const { files, skipped } = await loadSaved([folder]);
  sayWhatIsSkipped(skipped);
  // A trend that was kept with its nights is made anew, and reports of trials are made of results.
  const nights = files.filter(
    ({ saved }) => !["trend", "failover", "doctor", "memory"].includes(saved.kind),
  );
  await checkNotAnInput(
    outputs,
    nights.map(({ file }) => file),
  );
  await checkWritable(outputs, null);
  const found = nightsOf(
    files.flatMap(({ saved }) => (saved.kind === "comparison" ? [saved.comparison] : [])),
    files.flatMap(resultsIn),
    { gates, leastEffects },
  );
  const options = { source: folder, gates, leastEffects, seed };
  const trend = trendOf(found.nights, found.leftOut, options);
  const failures = await writeOutputs(outputs, { kind: "trend", trend }, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  return trend.verdict.kind === "alarm" || failures.length > 0 ? EXIT.failed : EXIT.done;
}

function resultsIn({ name, saved }: SavedFile) {
  if (saved.kind !== "results") return [];
  const [folder, ...below] = path.normalize(name).split(path.sep);
  return saved.results.map((result) => ({
    result,
    folder: below.length === 0 ? null : folder!,
  }));
}
