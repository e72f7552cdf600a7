/**
 * Locates a change of the mean in a series that is known to have one: how likely each split is under
 * normal noise of one deviation, with both means and the deviation unknown.
 */

/** Points on either side of a split, at least. */
export const LEAST_SEGMENT = 3;

/** A position as far from the truth as this many points is as good as exact. */
const NEAR = 2;
/** What a point of distance costs, so that of positions that are equally near the middle counts. */
const DISTANCE_COST = 0.01;
const CERTAINTY = 0.95;

export interface ChangePosition {
  /** Index of the first point after the change: the position that is most likely within two points. */
  at: number;
  /** The shortest stretch of such positions that holds the change with a likelihood of 95%. */
  earliest: number;
  latest: number;
}

/** @param points with one change of their mean; six at least */
export function locateChange(points: readonly number[]): ChangePosition {
  const likelihoods = splitLikelihoods(points);
  const last = points.length - LEAST_SEGMENT;
  let at = LEAST_SEGMENT;
  let most = -1;
  for (let split = LEAST_SEGMENT; split <= last; split++) {
    let near = 0;
    for (let distance = -NEAR; distance <= NEAR; distance++) {
      near += (likelihoods[split + distance] ?? 0) * (1 - DISTANCE_COST * Math.abs(distance));
    }
    if (near <= most) continue;
    most = near;
    at = split;
  }
  const [earliest, latest] = shortestStretch(likelihoods);
  return { at, earliest: Math.min(earliest, at), latest: Math.max(latest, at) };
}

/** By index of the first point after the split; they add up to 1. */
function splitLikelihoods(points: readonly number[]): Float64Array {
  const count = points.length;
  const mean = points.reduce((sum, value) => sum + value, 0) / count;
  const total = points.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const logs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  let before = 0;
  for (let split = 1; split <= count - LEAST_SEGMENT; split++) {
    before += points[split - 1]! - mean;
    if (split < LEAST_SEGMENT) continue;
    const after = count - split;
    // What the two means leave over; rounding must not make nothing of it, nor less.
    const squares = Math.max(total - before ** 2 * (1 / split + 1 / after), total * 1e-12);
    // Means integrated out under flat priors, the deviation under 1/deviation.
    logs[split] = -((count - 2) / 2) * Math.log(squares) - Math.log(split * after) / 2;
  }
  const largest = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - largest));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

function shortestStretch(likelihoods: Float64Array): [number, number] {
  let shortest: [number, number] = [0, likelihoods.length - 1];
  let within = 0;
  let from = 0;
  for (const [to, likelihood] of likelihoods.entries()) {
    within += likelihood;
    while (within - likelihoods[from]! >= CERTAINTY) within -= likelihoods[from++]!;
    if (within >= CERTAINTY && to - from < shortest[1] - shortest[0]) shortest = [from, to];
  }
  return shortest;
}
