/** Checks published figures by Little's law, which some of them break. */

import { holdsLittlesLaw, type LittlesLaw } from "../../result/law-words.ts";
import type { PublishedRow } from "../../saved/published.ts";
import { littlesLaw } from "../../stats/latency.ts";
import { formatDuration, formatRate } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";

/** Means were published to a tenth of a millisecond. */
const ROUNDED_BY_MS = 0.05;

/** Null where the published mean could be what clients over rate make it, rounding allowed for. */
export function brokenLaw({ result, operation }: PublishedRow): LittlesLaw | null {
  const { clients } = result.plan.load;
  const { throughputPerSec, serviceTime } = operation;
  const law = littlesLaw(clients, throughputPerSec, serviceTime.meanMs);
  if (law === null) return null;
  const { measuredMeanMs: meanMs, expectedMeanMs } = law;
  const nearestMs = Math.min(
    meanMs + ROUNDED_BY_MS,
    Math.max(meanMs - ROUNDED_BY_MS, expectedMeanMs),
  );
  const atBest = littlesLaw(clients, throughputPerSec, nearestMs)!;
  return holdsLittlesLaw(atBest) ? null : law;
}

/** A line for each published row that breaks it. */
export function lawRemarks(rows: readonly (PublishedRow | null)[]): string[] {
  return [...new Set(rows)].flatMap((row) => {
    const law = row === null ? null : brokenLaw(row);
    if (row === null || law === null) return [];
    const clients = formatNoun(row.result.plan.load.clients, "client");
    return [
      `* breaks Little's law: ${clients} at ${formatRate(row.operation.throughputPerSec)}/s make a mean of ` +
        `${formatDuration(law.expectedMeanMs)}, and ${formatDuration(law.measuredMeanMs)} was published.`,
    ];
  });
}
