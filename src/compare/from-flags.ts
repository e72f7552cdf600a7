/** Reads `--gate` and `--least-effect`. */
import { flagError } from "../errors.ts";
import { readFraction } from "../units.ts";
import { AVAILABILITY_METRICS } from "./availability-metrics.ts";
import { DEFAULT_GATES, type Gate } from "./gates.ts";
import { METRICS } from "./metrics.ts";
import type { MetricName } from "./schema.ts";

const NAMES = [...METRICS, ...AVAILABILITY_METRICS].map(({ name }) => name);

/** `throughput,range:p99`; null: the defaults. */
export function gatesOf(text: string | null): readonly Gate[] {
  if (text === null) return DEFAULT_GATES;
  const words = new Set(text.split(",").map((word) => word.trim()));
  return [...words].map((word): Gate => {
    const colon = word.indexOf(":");
    const operation = colon < 0 ? null : word.slice(0, colon).trim();
    if (operation === "") {
      throw flagError(
        "gate",
        `--gate: ${JSON.stringify(word)} names no operation before its colon, e.g. --gate=range:p99`,
      );
    }
    return { operation, metric: metricOf("--gate", word.slice(colon + 1).trim()) };
  });
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
      throw flagError(
        "least-effect",
        `--least-effect: ${JSON.stringify(text)} has no share above 0 after its metric, ` +
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
  throw flagError(
    flag.slice(2),
    `${flag}: ${JSON.stringify(word)} is no metric that can be judged; take of ${NAMES.join(", ")}`,
  );
}
