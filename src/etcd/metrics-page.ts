/**
 * Reads a whole `/metrics` page (the Prometheus text format) into series that are found by name and
 * labels. metrics.ts finds a few numbers faster, for readings once a second; this is for those that ask
 * for many, from a member or from a file.
 */
import type { Buckets } from "./metrics.ts";

export interface MetricSeries {
  labels: ReadonlyMap<string, string>;
  /** Finite, as are sums and quotients of them. */
  value: number;
}

/** Cumulative, as on the page. */
export interface PageHistogram extends Buckets {
  /** Of what was observed; null where the page has none. */
  sum: number | null;
}

/** Labels that a series must have; it may have others. */
export type WantedLabels = Readonly<Record<string, string>>;

/** Far above what any etcd shows: some 2,000 lines. */
const MOST_SERIES = 100_000;
const MOST_LABELS = 64;
/** Above 2^64, which etcd has for "no limit". */
const LARGEST = 1e20;
/** In seconds, of which etcd has a billionth at least: what is smaller is 0, so that quotients are finite. */
const SMALLEST = 1e-12;
const NAME = /[a-zA-Z_:][\w:]*/y;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)\s*/y;

export class MetricsPage {
  readonly #series: ReadonlyMap<string, readonly MetricSeries[]>;
  /** Lines that are neither a comment nor a series with a number. */
  readonly oddLines: number;
  /** It has more series than are kept. */
  readonly isCut: boolean;

  constructor(series: ReadonlyMap<string, MetricSeries[]>, oddLines: number, isCut: boolean) {
    this.#series = series;
    this.oddLines = oddLines;
    this.isCut = isCut;
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  has(name: string): boolean {
    return this.#series.has(name);
  }

  /** In the order of the page; none where the name is not on it. */
  series(name: string, wanted: WantedLabels = {}): readonly MetricSeries[] {
    const all = this.#series.get(name) ?? [];
    const labels = Object.entries(wanted);
    if (labels.length === 0) return all;
    return all.filter((each) => labels.every(([label, text]) => each.labels.get(label) === text));
  }

  /** The sum of those that match, such as a counter over all its codes; null where none does. */
  value(name: string, wanted: WantedLabels = {}): number | null {
    const found = this.series(name, wanted);
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
  }

  /** The text of a label of the first series of that name; null where it is missing. */
  label(name: string, label: string): string | null {
    return this.series(name)[0]?.labels.get(label) ?? null;
  }

  /** The sum of those that match; null where none does, or what is there is no histogram. */
  histogram(name: string, wanted: WantedLabels = {}): PageHistogram | null {
    const byBound = new Map<number, number>();
    for (const { labels, value } of this.series(`${name}_bucket`, wanted)) {
      const bound = numberOf(labels.get("le") ?? "");
      if (bound === null) return null;
      byBound.set(bound, (byBound.get(bound) ?? 0) + value);
    }
    const sorted = [...byBound].toSorted(([one], [other]) => one - other);
    const bounds = sorted.map(([bound]) => bound);
    const counts = sorted.map(([, count]) => count);
    const rises = counts.every((count, at) => count >= (counts[at - 1] ?? 0));
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || !rises) return null;
    return { bounds, counts, sum: this.value(`${name}_sum`, wanted) };
  }
}

/** Never throws: a text that is no such page gives an empty one. */
export function parseMetricsPage(text: string): MetricsPage {
  const found = new Map<string, MetricSeries[]>();
  let kept = 0;
  let oddLines = 0;
  let isCut = false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === "" || line.startsWith("#")) continue;
    if (kept >= MOST_SERIES) {
      isCut = true;
      break;
    }
    const parsed = parseLine(line);
    if (parsed === null) {
      oddLines++;
      continue;
    }
    const { name, series } = parsed;
    // NaN is the value of a quantile that was never observed: it says nothing, as no infinity does, and
    // nothing of etcd is larger than that.
    if (!(Math.abs(series.value) <= LARGEST)) continue;
    kept++;
    const known = found.get(name);
    if (known === undefined) found.set(name, [series]);
    else known.push(series);
  }
  return new MetricsPage(found, oddLines, isCut);
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();

/** Null for a line that is no series. */
function parseLine(line: string): { name: string; series: MetricSeries } | null {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return null;
  let rest = name.length;
  let labels = NO_LABELS;
  if (line[rest] === "{") {
    const read = parseLabels(line, rest + 1);
    if (read === null) return null;
    ({ labels, end: rest } = read);
  } else if (line[rest] !== " " && line[rest] !== "\t") return null;
  // A time stamp or an exemplar may follow.
  const [number = ""] = line.slice(rest).trimStart().split(/[ \t]/, 1);
  const value = number === "NaN" ? Number.NaN : numberOf(number);
  if (value === null) return null;
  return { name, series: { labels, value: Math.abs(value) < SMALLEST ? 0 : value } };
}

function parseLabels(
  line: string,
  from: number,
): { labels: ReadonlyMap<string, string>; end: number } | null {
  const labels = new Map<string, string>();
  let at = from;
  while (line[at] !== "}") {
    LABEL.lastIndex = at;
    const label = LABEL.exec(line);
    if (label === null || labels.size >= MOST_LABELS) return null;
    labels.set(label[1]!, unescaped(label[2]!));
    at = LABEL.lastIndex;
    if (label[3] === "" && line[at] !== "}") return null;
  }
  return { labels, end: at + 1 };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

/** Null for what is no number; a NaN is none either. */
function numberOf(text: string): number | null {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
