/** Places values along an axis, as fractions of its length, and chooses its ticks. */

export interface Tick {
  /** Fraction of the axis, from its start. */
  at: number;
  label: string;
  /** Left out where the axis is short. */
  isMinor: boolean;
}

export interface Scale {
  /** Fraction of the axis for a value; outside of [0, 1] for one outside of the domain. */
  at(value: number): number;
  ticks: readonly Tick[];
}

const LINEAR_STEPS = 5;

/** From 0, or a lower `min`, to the first round number at or above `max`. */
export function linearScale(
  max: number,
  label: (value: number) => string,
  {
    min = 0,
    isTight = false,
    steps = LINEAR_STEPS,
  }: { min?: number /** Ends at `max` itself. */; isTight?: boolean; steps?: number } = {},
): Scale {
  const span = max > min ? max - min : 1;
  const step = roundStep(span / steps);
  const first = Math.floor(min / step + 1e-9);
  const last = isTight
    ? Math.floor((min + span) / step + 1e-9)
    : Math.ceil((min + span) / step - 1e-9);
  const start = isTight ? min : first * step;
  const end = isTight ? min + span : last * step;
  const at = (value: number) => (value - start) / (end - start);
  const ticks: Tick[] = [];
  for (let index = isTight ? Math.ceil(min / step - 1e-9) : first; index <= last; index++) {
    const value = Number((index * step).toPrecision(12));
    ticks.push({ at: at(value), label: label(value), isMinor: Math.abs(index) % 2 === 1 });
  }
  return { at, ticks };
}

/** 1, 2 or 5 times a power of ten, at or above `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9))!;
  return factor * power;
}

/**
 * Logarithmic, of values above 0, between the nearest 1, 2 or 5 times a power of ten on either side;
 * ticks at these, or at the powers alone where they are many.
 */
export function logScale(min: number, max: number, label: (value: number) => string): Scale {
  const marks = logMarks(min, max);
  const [first, last] = [Math.log10(marks[0]!), Math.log10(marks.at(-1)!)];
  const at = (value: number) => (Math.log10(value) - first) / (last - first);
  const isPower = (value: number) =>
    Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
  const shown = marks.length <= 8 ? marks : marks.filter(isPower);
  return {
    at,
    ticks: shown.map((value) => ({ at: at(value), label: label(value), isMinor: !isPower(value) })),
  };
}

function logMarks(min: number, max: number): number[] {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(min)) - 1; power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of [1, 2, 5]) marks.push(Number(`${factor}e${power}`));
  }
  const from = marks.findLastIndex((mark) => mark <= min * (1 + 1e-9));
  const to = marks.findIndex((mark) => mark >= max * (1 - 1e-9));
  return marks.slice(from, Math.max(to, from + 1) + 1);
}

const PERCENTILE_TICKS = [0, 50, 90, 99, 99.9, 99.99, 99.999];

/** By 1 / (1 - p), logarithmic: as far from 90 to 99 as from 99 to 99.9. */
export function percentileScale(highest: number): Scale {
  const decades = (percentile: number) => -Math.log10(1 - percentile / 100);
  const end = Math.max(decades(highest), decades(50));
  const at = (percentile: number) => decades(percentile) / end;
  return {
    at,
    ticks: PERCENTILE_TICKS.filter((percentile) => at(percentile) <= 1 + 1e-9).map(
      (percentile) => ({
        at: at(percentile),
        label: `${percentile}%`,
        isMinor: percentile === 0,
      }),
    ),
  };
}

const RATIO_TICKS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.67, 0.8, 0.9, 0.95, 0.98, 1, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 5,
  10, 20, 50, 100,
];
/** Least distance of two ticks, as a share of the axis. */
const RATIO_TICK_GAP = 0.08;

/** Logarithmic, as far below 1 as above it, and never narrower than 10% each way. */
export function ratioScale(ratios: readonly number[]): Scale {
  const reach = Math.max(Math.log(1.1), ...ratios.map((ratio) => Math.abs(Math.log(ratio)))) * 1.04;
  const at = (ratio: number) => (Math.log(ratio) + reach) / (2 * reach);
  // From 1 outwards, so that it is there whatever else must go.
  const outwards = RATIO_TICKS.filter((ratio) => at(ratio) >= 0 && at(ratio) <= 1).sort(
    (a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)),
  );
  const kept: number[] = [];
  for (const ratio of outwards) {
    if (kept.every((other) => Math.abs(at(ratio) - at(other)) >= RATIO_TICK_GAP)) kept.push(ratio);
  }
  const ticks = kept
    .sort((a, b) => a - b)
    .map((ratio) => ({
      at: at(ratio),
      label: String(ratio),
      isMinor: ratio !== 1 && kept.indexOf(ratio) % 2 !== kept.indexOf(1) % 2,
    }));
  return { at, ticks };
}

const MOST_INDEX_TICKS = 6;

/** Places one after another, evenly; some of them are labelled. */
export function indexScale(labels: readonly string[]): Scale {
  const last = Math.max(1, labels.length - 1);
  const at = (index: number) => index / last;
  const step = Math.max(1, Math.ceil(labels.length / MOST_INDEX_TICKS));
  const ticks = labels.flatMap((label, index) =>
    index % step === 0 ? [{ at: at(index), label, isMinor: (index / step) % 2 === 1 }] : [],
  );
  return { at, ticks };
}
