/** Runs `bench trend`: reads the points of a folder, finds changes and prints them. */
import path from "node:path";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import { loadSaved, type SavedFile } from "../../compare/saved.ts";
import { seriesPointsOf } from "../../compare/trend/series-points.ts";
import { trendOf } from "../../compare/trend/trend.ts";
import { EXIT } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { reportFailure } from "../failure.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkNotAnInput, checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { sayWhatIsSkipped } from "./skipped-files.ts";
import { TREND_FLAGS } from "./trend-flags.ts";

/** Resolves to the exit code, 1 if a gate alarms. Throws a usage error if there are no points. */
export async function showTrend(folder: string, given: GivenFlags): Promise<number> {
  const flags = readFlags(TREND_FLAGS, given);
  const { seed } = flags;
  const outputs = parseOutputs(flags.output, "table", "trend");
  const gates = gatesOf(flags.gate);
  const leastEffects = leastEffectsOf(flags.leastEffects);
  const { files, skipped } = await loadSaved([folder]);
  sayWhatIsSkipped(skipped);
  // A trend saved next to its points is made anew; reports of trials are made from results.
  const inputs = files.filter(
    ({ saved }) => !["trend", "failover", "doctor", "memory"].includes(saved.kind),
  );
  await checkNotAnInput(
    outputs,
    inputs.map(({ file }) => file),
  );
  await checkWritable(outputs, null);
  const { points, leftOut } = seriesPointsOf(
    files.flatMap(({ saved }) => (saved.kind === "comparison" ? [saved.comparison] : [])),
    files.flatMap(resultsIn),
    { gates, leastEffects },
  );
  const options = { source: folder, gates, leastEffects, seed };
  const trend = trendOf(points, leftOut, options);
  const subject = { kind: "trend", trend } as const;
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  sayVerdict(subject, outputs, null);
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
