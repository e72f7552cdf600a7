/** Draws the course of a figure as one line of bars, from 0 to the largest value. */

const BARS = "▁▂▃▄▅▆▇█";
const UNKNOWN = " ";

/** The last `columns` values, the newest at the right; null is a gap. */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const shown = values.slice(-columns);
  const largest = Math.max(...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === null) return UNKNOWN;
    const step = largest > 0 ? Math.ceil((value / largest) * BARS.length) : 0;
    return BARS[Math.max(1, step) - 1]!;
  });
  return bars.join("").padStart(columns, UNKNOWN);
}
