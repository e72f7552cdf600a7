/** Says of how many points of a trend the figures depend on more than their load, and on what. */
import { formatNoun } from "../../text/noun.ts";
import type { SeriesPoint } from "./series-points.ts";

/** @param countOf counts points as the trend's heading does */
export function pointNotes(
  points: readonly SeriesPoint[],
  countOf: (points: readonly SeriesPoint[]) => number,
): string[] {
  const share = (some: readonly SeriesPoint[]) => {
    const names = [...new Set(some.map(({ name }) => name))];
    return `${countOf(some)} of ${formatNoun(countOf(points), "point")}, ${fewOf(names)}`;
  };
  const busy = points.filter(({ comparison }) => comparison.isMachineBusy);
  const changed = points.filter(({ comparison }) => comparison.around.length > 0);
  return [
    ...(busy.length === 0
      ? []
      : [
          `Other work, or the system, kept a machine from runs of ${share(busy)}: their figures are those of a busy machine.`,
        ]),
    ...(changed.length === 0
      ? []
      : [
          `Figures of ${share(changed)} depend on more than the load. Of the newest of them: ${textOf(changed.at(-1)!)}`,
        ]),
  ];
}

/** The first note; the comparison has all. */
function textOf({ comparison: { around } }: SeriesPoint): string {
  const more = around.length - 1;
  return `${around[0]}${more > 0 ? ` And ${more} more.` : ""}`;
}

/** At most three names. */
export function fewOf(names: readonly string[]): string {
  const shown =
    names.length > 3 ? [names[0], `... (${names.length - 2} more)`, names.at(-1)] : names;
  return shown.join(", ");
}
