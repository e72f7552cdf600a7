/** How long a step of a search for a rate lasts: as long as its limits need samples. */
import { percentileOf } from "../flags/threshold.ts";
import { samplesForPercentile } from "../percentile-samples.ts";
import type { RunPlan, Search, Threshold } from "./schema.ts";

/** More requests than a percentile needs samples, since some may fail. */
const SAMPLES_MARGIN = 1.1;

/** Milliseconds. A slow rate needs a longer step, but none is longer than what the user called a full run. */
export function searchStepMs(
  { limits }: Pick<RunPlan, "limits">,
  search: Search,
  ratePerSec: number,
): number {
  const samples = Math.max(...search.limits.map(samplesFor));
  const samplesMs = ((samples * SAMPLES_MARGIN) / ratePerSec) * 1000;
  return Math.max(search.stepDurationMs, Math.min(fullStepMs({ limits }, search), samplesMs));
}

/** Of a verification. */
export function fullStepMs({ limits }: Pick<RunPlan, "limits">, search: Search): number {
  return limits.durationMs ?? search.stepDurationMs;
}

function samplesFor({ metric }: Threshold): number {
  const percentile = percentileOf(metric);
  return percentile === null ? 0 : samplesForPercentile(percentile);
}
