/** Renders the knee: the latency of each step of a search against the load that it offered. */
import { judgedLatency } from "../../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../../result/schema.ts";
import type { SearchRecord } from "../../result/search.ts";
import { medianOfAll } from "../../stats/median.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { ABSENT, formatRate } from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { searchSection } from "../table/search-section.ts";
import { renderTableOf } from "./data-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { axisDuration } from "./percentile-chart.ts";
import type { Level, Line } from "./plot.ts";
import { linearScale, logScale, type Scale } from "./scale.ts";
import { MOST_SLOTS } from "./theme.ts";
import { axisCount } from "./time-chart.ts";

const PERCENTILES = [
  ["p50", "p50Ms"],
  ["p99", "p99Ms"],
] as const;

interface Step {
  rate: number;
  run: RunResult;
}

/** The chart, then the walk as a table with what it found. */
export function renderSearch(search: SearchRecord): Markup {
  const figure = kneeFigure(search);
  const walk = renderTableOf(searchSection(search, paintFor(false)));
  return html`${figure === null ? NOTHING : renderFigure(figure)}${walk}`;
}

/** Null with fewer than two rates, which have no course. */
export function kneeFigure({ runs, found }: SearchRecord): Figure | null {
  const steps = runs
    .flatMap((run): Step[] => {
      const rate = run.plan.pacing.ratePerSec;
      return rate === null ? [] : [{ rate, run }];
    })
    .sort((a, b) => a.rate - b.rate);
  const rates = [...new Set(steps.map(({ rate }) => rate))];
  const curves = curvesOf(steps);
  const known = curves.flatMap(({ values }) => values.filter((ms) => ms !== null && ms > 0));
  if (rates.length < 2 || known.length === 0) return null;
  const limits = limitsOf(runs[0]!);
  const all = [...(known as number[]), ...limits.map(({ ms }) => ms)];
  const x = linearScale(steps.at(-1)!.rate, axisCount);
  const y = logScale(Math.min(...all), Math.max(...all), axisDuration);
  return {
    title: "Latency against offered load",
    caption: [
      "Each point is a rate of the search; latency counts from the time at which a request was due.",
      ...(rates.length < steps.length
        ? [
            "Of a rate that was measured several times the median is drawn; the table has each step.",
          ]
        : []),
    ],
    panels: [
      {
        title: "Response time",
        heightPx: 280,
        x,
        y,
        xTitle: "offered, requests per second",
        lines: curves.map((curve, at) => lineOf(curve, at, steps, rates, x, y)),
        levels: limits.map(({ label, ms }): Level => ({ y: y.at(ms), label })),
        bands:
          found?.plan.pacing.ratePerSec == null
            ? []
            : [
                {
                  from: x.at(found.plan.pacing.ratePerSec),
                  to: x.at(found.plan.pacing.ratePerSec),
                  tone: "event",
                  label: `found ${formatRate(found.plan.pacing.ratePerSec)}/s`,
                },
              ],
      },
    ],
    columns: [
      { header: "offered", slot: null },
      ...curves.map(({ name }, at) => ({ header: name, slot: at + 1 })),
    ],
    rows: steps.map(({ rate }, at) => ({
      x: x.at(rate),
      cells: [`${formatRate(rate)}/s`, ...curves.map(({ texts }) => texts[at]!)],
    })),
  };
}

interface Curve {
  name: string;
  values: (number | null)[];
  /** A figure that is only bounded is in the table, and not drawn. */
  texts: string[];
}

function curvesOf(steps: readonly Step[]): Curve[] {
  const names = [...new Set(steps.flatMap(({ run }) => run.operations.map(({ name }) => name)))];
  const curves = names.flatMap((operation) =>
    PERCENTILES.map(([percentile, field]): Curve => {
      const of = ({ run }: Step) => run.operations.find(({ name }) => name === operation);
      const latencies = steps.map((step) => {
        const found: OperationResult | undefined = of(step);
        return found === undefined ? null : judgedLatency(found);
      });
      return {
        name: `${names.length > 1 ? `${printable(operation)} ` : ""}${percentile}`,
        values: latencies.map((latency) => latency?.[field] ?? null),
        texts: latencies.map((latency) =>
          latency === null ? ABSENT : latencyText(latency, field),
        ),
      };
    }),
  );
  return curves.filter(({ values }) => values.some((ms) => ms !== null)).slice(0, MOST_SLOTS);
}

/** One point a rate: steps that repeat it would make the line go up and down in one place. */
function lineOf(
  { name, values }: Curve,
  at: number,
  steps: readonly Step[],
  rates: readonly number[],
  x: Scale,
  y: Scale,
): Line {
  const points = rates.flatMap((rate) => {
    const ms = medianOfAll(values.filter((_, index) => steps[index]!.rate === rate));
    return ms === null || ms <= 0 ? [] : [{ x: x.at(rate), y: y.at(ms) }];
  });
  return { name, slot: at + 1, points, hasDots: true };
}

/** Those on a latency. */
function limitsOf({ plan }: RunResult): { label: string; ms: number }[] {
  const limits = plan.search?.limits ?? [];
  return limits
    .filter(({ metric, bound }) => metric !== "qps" && metric !== "errors" && bound > 0)
    .map(({ expression, bound }) => ({ label: printable(expression), ms: bound }));
}
