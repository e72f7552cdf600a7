/** Owns the reading of `--gate` and `--least-effect`. */
import { usageError } from "../errors.ts";
import { readFraction } from "../plan/units.ts";
import { DEFAULT_GATES, METRICS } from "./metrics.ts";
import type { MetricName } from "./schema.ts";

const NAMES = METRICS.map(({ name }) => name);

/** `throughput,p99`; absent: the defaults. */
export function gatesOf(text: string | undefined): readonly MetricName[] {
  if (text === undefined) return DEFAULT_GATES;
  return [...new Set(text.split(",").map((word) => metricOf("--gate", word.trim())))];
}

/** Each `METRIC=PERCENT`; the last of a repeated metric counts. */
export function leastEffectsOf(texts: readonly string[]): Partial<Record<MetricName, number>> {
  const effects: Partial<Record<MetricName, number>> = {};
  for (const text of texts) {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const metric = metricOf("--least-effect", name);
    const fraction = equals < 0 ? null : readFraction(text.slice(equals + 1));
    if (fraction === null || fraction === 0) {
      throw usageError(
        `--least-effect: ${JSON.stringify(text)} has no share above 0 behind its metric, ` +
          `e.g. --least-effect=${metric}=5%`,
      );
    }
    effects[metric] = fraction;
  }
  return effects;
}

function metricOf(flag: string, word: string): MetricName {
  const metric = NAMES.find((name) => name === word);
  if (metric !== undefined) return metric;
  throw usageError(
    `${flag}: ${JSON.stringify(word)} is no metric that can be judged; take of ${NAMES.join(", ")}`,
  );
}
