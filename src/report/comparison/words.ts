/** Words the parts of a comparison, the same in every format. */
import { METRIC_WORDS } from "../../compare/metric-words.ts";
import type { Comparison, MetricComparison, MetricVerdict } from "../../compare/schema.ts";
import { boundSymbols } from "../../tables/latency-text.ts";
import {
  ABSENT,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
} from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";

const SPEEDS: readonly MetricComparison["metric"][] = [
  ...(["throughput", "mean", "p50", "p90", "p99", "p999"] as const),
];
const OUTAGES: readonly MetricComparison["metric"][] = [
  ...(["unavailable", "unavailable-total", "full-rate"] as const),
  ...(["elected", "first-commit", "caught-up"] as const),
];

const VERDICT_WORDS: Record<MetricVerdict, string> = {
  slower: "slower",
  faster: "faster",
  "no-change": "no change",
  undecided: "undecided",
  invalid: "invalid",
};

/** `p99`, `response p99` of a paced load, `two-clock p99` where one side alone is paced. */
export function metricWords({ metric, clock }: Pick<MetricComparison, "metric" | "clock">): string {
  if (clock === "both") return `two-clock ${METRIC_WORDS[metric]}`;
  return clock === "response" ? `response ${METRIC_WORDS[metric]}` : METRIC_WORDS[metric];
}

/** `put p99`. */
export function metricPath(metric: MetricComparison): string {
  return `${metric.operation} ${metricWords(metric)}`;
}

interface NamedGate {
  gate: MetricComparison;
  /** As `metricPath`, after the load where there are several. */
  name: string;
}

function gatesOf(cells: Comparison["cells"]): NamedGate[] {
  return cells.flatMap(({ name, metrics }) =>
    metrics
      .filter(({ isGate }) => isGate)
      .map((gate) => {
        const path = metricPath(gate);
        return { gate, name: cells.length > 1 ? `${name}: ${path}` : path };
      }),
  );
}

export function verdictWords(verdict: MetricVerdict | null): string {
  return verdict === null ? ABSENT : VERDICT_WORDS[verdict];
}

/** Of one metric: an outage is longer or shorter, a cost or a count more or less. */
export function metricVerdictWords({
  metric,
  verdict,
}: Pick<MetricComparison, "metric" | "verdict">): string {
  if (verdict !== "slower" && verdict !== "faster") return verdictWords(verdict);
  return directionWords(metric, verdict);
}

/** `slower`, `faster`; of outages `longer`, `shorter`; of costs and counts `more`, `less`. */
export function directionWords(
  metric: MetricComparison["metric"],
  direction: "slower" | "faster",
): string {
  if (SPEEDS.includes(metric)) return direction;
  if (OUTAGES.includes(metric)) return direction === "slower" ? "longer" : "shorter";
  return direction === "slower" ? "more" : "less";
}

/** With its unit. */
export function figure({ unit }: Pick<MetricComparison, "unit">, value: number | null): string {
  switch (unit) {
    case "per-second":
      return formatRate(value);
    case "ms":
      return formatDuration(value);
    case "microseconds-per-request":
      return formatDuration(value === null ? null : value / 1000);
    case "bytes":
      return formatBytes(value);
    case "count":
      return value === null ? ABSENT : formatCount(value);
  }
}

/** The median of a side, or the bounds that are known of it: `>=293 ms`. */
export function sideFigure(metric: MetricComparison, side: "base" | "head"): string {
  const bounds = side === "base" ? metric.baseBounds : metric.headBounds;
  if (metric[side] !== null || bounds === null) return figure(metric, metric[side]);
  return boundSymbols(bounds.atLeast, bounds.atMost) ?? ABSENT;
}

/** `0.970`. */
export function ratioText(ratio: number | null): string {
  return ratio === null ? ABSENT : ratio.toFixed(3);
}

/** `0.970 (0.955 to 0.986)`; of what has no ratio `0 to 3`. */
export function changeText(metric: MetricComparison): string {
  const { ratio, interval95 } = metric;
  if (ratio === null) return `${sideFigure(metric, "base")} to ${sideFigure(metric, "head")}`;
  return `${ratioText(ratio)} (${intervalText(interval95)})`;
}

/** `0.955 to 0.986`. */
export function intervalText(interval: MetricComparison["interval95"]): string {
  return interval === null ? ABSENT : `${ratioText(interval.low)} to ${ratioText(interval.high)}`;
}

export function pValueText(pValue: number | null): string {
  if (pValue === null) return ABSENT;
  return pValue < 0.0001 ? "<0.0001" : pValue.toFixed(4);
}

/** `3%`, `0.42%`. */
export function fractionText(fraction: number | null): string {
  if (fraction === null) return ABSENT;
  const percent = fraction * 100;
  if (percent >= 1000) return ">1000%";
  if (percent > 0 && percent < 0.0001) return "<0.0001%";
  return `${Number(percent.toPrecision(percent >= 100 ? 3 : 2))}%`;
}

/** Rounded up, since less is found less often: `3.4%`, `10.3%`. */
export function detectableText(fraction: number | null): string {
  if (fraction === null) return ABSENT;
  const percent = fraction * 100;
  if (percent >= 1000 || percent < 0.0001) return fractionText(fraction);
  const decimals = (percent >= 10 ? 2 : 1) - Math.floor(Math.log10(percent));
  // What is exact but for its last bits stays as it is.
  const up = Math.ceil(percent * 10 ** decimals - 1e-6) / 10 ** decimals;
  return `${Number(up.toPrecision(6))}%`;
}

/** Of the whole: as its gates that make the verdict have it, `slower`, `more`, or `slower and more`. */
export function wholeVerdictWords({ verdict, cells }: Comparison): string {
  const words = gatesOf(cells)
    .filter(({ gate }) => gate.verdict === verdict.kind)
    .map(({ gate }) => metricVerdictWords(gate));
  return [...new Set(words)].join(" and ") || verdictWords(verdict.kind);
}

/** One line on the whole: `Verdict: slower: put requests/s 0.914 (0.902 to 0.925)`. */
export function verdictSentence(comparison: Comparison): string {
  const { verdict, cells, status } = comparison;
  const ended = status === "complete" ? "" : ` (${status})`;
  const decided = gatesOf(cells)
    .filter(({ gate }) => gate.verdict === verdict.kind)
    .map(({ gate, name }) => `${name} ${changeText(gate)}`);
  const isEffect = verdict.kind === "slower" || verdict.kind === "faster";
  const reasons = isEffect ? decided : verdict.reasons;
  const tail = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  return `${wholeVerdictWords(comparison)}${ended}${tail}`;
}

/** `base 3.4.23 (results/a)`. */
export function sideText(name: string, { label, etcdVersions }: Comparison["base"]): string {
  const versions = etcdVersions.map((version) => `etcd ${version}`).join(" and ");
  return `${name}: ${label}, ${versions}`;
}

/** What an A against A says of the machine: the least effect that each gate can be held to. */
export function noiseLines({ isCanary, cells }: Comparison): string[] {
  if (!isCanary) return [];
  return gatesOf(cells).flatMap(({ gate: metric, name }) => {
    const { interval95, noise, leastEffect } = metric;
    if (noise === null) return [];
    const told = `Noise of ${name}: ${fractionText(noise)} from run to run; `;
    if (interval95 === null)
      return [`${told}so few pairs set no bound to how much the same differs.`];
    const widest = Math.expm1(
      Math.max(Math.abs(Math.log(interval95.low)), Math.abs(Math.log(interval95.high))),
    );
    const isWithin = widest <= leastEffect;
    const advice = isWithin
      ? `below the least effect of ${fractionText(leastEffect)}`
      : `above the least effect of ${fractionText(leastEffect)}: compare with ` +
        `--least-effect=${metric.metric}=${Math.ceil(widest * 100)}%, or with more pairs`;
    return [`${told}so many pairs of the same differ by up to ${fractionText(widest)}, ${advice}.`];
  });
}

/** The lines below the figures; `undecided` gates say what they would have seen. */
export function detectableLines({ cells }: Comparison): string[] {
  return gatesOf(cells)
    .filter(({ gate }) => gate.verdict === "undecided" && gate.notKnown === null)
    .map(({ gate, name }) =>
      gate.detectableEffect === null
        ? `${name}: so few pairs can prove no effect, however large.`
        : `${name}: ${formatNoun(gate.pairs.length, "pair")} with this noise see an effect of ` +
          `${detectableText(gate.detectableEffect)} in four of five experiments.`,
    );
}
