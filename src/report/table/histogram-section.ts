/** Draws the latency histogram of one run's primary series, by the clock that the run is judged by. */

import { clockName, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { Latency, OperationResult } from "../../result/schema.ts";
import { type LatencyBin, latencyBins } from "../../stats/latency-bins.ts";
import { renderGrid } from "../../tables/grid.ts";
import type { LabelledRun } from "../../tables/labels.ts";
import { formatCount, formatPercent } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { primaryOperations } from "../../workloads/series-roles.ts";

const MOST_BINS = 12;
/** Of primary series, such as both kinds of read; the latency table has the rest. */
const MOST_HISTOGRAMS = 2;
const LONGEST_BAR = 30;
const BAR = "█";
/** Of a bin that is not empty and yet too small for a bar. */
const LEAST_BAR = "▏";

interface BinRow extends LatencyBin {
  share: number;
  /** Of all requests up to this bin's end. */
  upTo: number;
  bar: string;
}

/** One text for each histogram; none for several runs, or where no histogram was kept. */
export function renderHistograms(runs: readonly LabelledRun[], paint: Paint): string[] {
  const [run, ...others] = runs;
  if (run === undefined || others.length > 0) return [];
  return primaryOperations(run.result)
    .slice(0, MOST_HISTOGRAMS)
    .flatMap((operation) => renderHistogram(operation, paint));
}

function renderHistogram(operation: OperationResult, paint: Paint): string[] {
  const latency = judgedLatency(operation);
  const { histogram } = latency;
  if (histogram === null || latency.count === 0) return [];
  const name = clockName(judgedClock(operation));
  const title = paint.bold(`Histogram of ${printable(operation.name)}, ${name}`);
  return [
    [title, gridOf(rowsOf(latencyBins(histogram, MOST_BINS))), ...missingLine(latency)].join("\n"),
  ];
}

/**
 * Bins of a stored histogram with their bars, below the names of the columns and a rule.
 * @param histogram HdrHistogram V2, compressed, base64
 */
export function histogramLines(histogram: string, mostBins: number): string[] {
  return gridOf(rowsOf(latencyBins(histogram, mostBins))).split("\n");
}

function rowsOf(bins: readonly LatencyBin[]): BinRow[] {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const largest = Math.max(...bins.map(({ count }) => count));
  let sum = 0;
  return bins.map((bin) => {
    sum += bin.count;
    const length = Math.round((bin.count / largest) * LONGEST_BAR);
    const bar = length > 0 ? BAR.repeat(length) : bin.count > 0 ? LEAST_BAR : "";
    return { ...bin, share: bin.count / total, upTo: sum / total, bar };
  });
}

function gridOf(rows: readonly BinRow[]): string {
  const unit = unitFor(rows.at(-1)!.toMs);
  return renderGrid<BinRow>(
    [
      { header: [`from (${unit.name})`], cell: ({ fromMs }) => boundText(fromMs, unit.perMs) },
      { header: ["to"], cell: ({ toMs }) => boundText(toMs, unit.perMs) },
      { header: ["requests"], cell: ({ count }) => formatCount(count) },
      { header: ["cumulative"], cell: ({ upTo }) => percentUpTo(upTo) },
      { header: [""], align: "left", cell: ({ bar }) => bar },
    ],
    rows,
    { color: false, widthColumns: null },
  );
}

/** Never 100% before all are in: so many nines as it takes to see the rest. */
function percentUpTo(share: number): string {
  if (share >= 1) return "100%";
  if (share < 0.99) return formatPercent(share * 100);
  const digits = Math.min(6, Math.ceil(-Math.log10(1 - share)) - 1);
  const scale = 10 ** digits;
  return `${(Math.floor(share * 100 * scale) / scale).toFixed(digits)}%`;
}

function unitFor(mostMs: number): { name: string; perMs: number } {
  if (mostMs <= 1) return { name: "µs", perMs: 1000 };
  return mostMs <= 10_000 ? { name: "ms", perMs: 1 } : { name: "s", perMs: 0.001 };
}

/** Bounds have two digits, which a change of unit keeps. */
function boundText(ms: number, perMs: number): string {
  const value = Number((ms * perMs).toPrecision(3));
  return value >= 1000 ? formatCount(value) : String(value);
}

function missingLine({ missing }: Latency): string[] {
  if (missing === null) return [];
  return [
    `${formatNoun(missing.count, "request")} without an answer (failed or not sent) are not in it.`,
  ];
}
