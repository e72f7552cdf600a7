/**
 * Computes value sizes: a size drawn from a distribution, and the average of figures that follow from
 * it. The load draws by it, and the check of the quota uses it.
 */

/** Where the sizes of a run's values vary; the shape that the plan's schema checks. */
export type ValueSize =
  | { kind: "uniform"; minBytes: number; maxBytes: number }
  /** What is drawn below or above the bounds is of their size. */
  | {
      kind: "lognormal";
      medianBytes: number;
      /** Standard deviation of the size's natural logarithm. */
      sigma: number;
      minBytes: number;
      maxBytes: number;
    };

/** How large a run's values are: the part that the workloads of a plan have in common. */
export interface Values {
  /** Of each value; their mean, rounded, where `valueSize` is a distribution. */
  valSizeBytes: number;
  /** Null: all values have `valSizeBytes`. */
  valueSize: ValueSize | null;
}

/** The size that two even random numbers in [0, 1) give. */
export function drawnBytes(size: ValueSize, first: number, second: number): number {
  if (size.kind === "uniform") {
    return size.minBytes + Math.floor(first * (size.maxBytes - size.minBytes + 1));
  }
  // Box and Muller's way to a normal deviate.
  const deviate = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  return lognormalBytes(size, deviate);
}

function lognormalBytes(size: ValueSize & { kind: "lognormal" }, deviate: number): number {
  const bytes = Math.round(size.medianBytes * Math.exp(size.sigma * deviate));
  return Math.min(size.maxBytes, Math.max(size.minBytes, bytes));
}

/** Steps of the sums that approximate integrals, and how many deviations they reach. */
const STEPS = 4096;
const REACH = 8;

/** The mean of a figure that follows from a value's size. */
export function expectedOf(size: ValueSize, figure: (bytes: number) => number): number {
  let sum = 0;
  if (size.kind === "uniform") {
    const sizes = size.maxBytes - size.minBytes + 1;
    const steps = Math.min(STEPS, sizes);
    for (let step = 0; step < steps; step++) {
      sum += figure(size.minBytes + Math.floor(((step + 0.5) * sizes) / steps));
    }
    return sum / steps;
  }
  let weights = 0;
  for (let step = 0; step < STEPS; step++) {
    const deviate = (((step + 0.5) * 2) / STEPS - 1) * REACH;
    const weight = Math.exp(-(deviate ** 2) / 2);
    weights += weight;
    sum += weight * figure(lognormalBytes(size, deviate));
  }
  return sum / weights;
}

/** The mean of a figure over all values of a run. */
export function expectedOfValues(values: Values, figure: (bytes: number) => number): number {
  const { valSizeBytes, valueSize } = values;
  return valueSize === null ? figure(valSizeBytes) : expectedOf(valueSize, figure);
}
