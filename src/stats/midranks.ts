/** Ranks of values, where equal ones share the mean of theirs. */

/** Times two, which makes them whole numbers; from 2, in the order of `values`. */
export function doubledMidranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    // Ranks start + 1 to end have the mean (start + 1 + end) / 2.
    for (let at = start; at < end; at++) ranks[order[at]!] = start + 1 + end;
    start = end;
  }
  return ranks;
}
