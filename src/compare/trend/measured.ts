/** The figures of a point's comparison that count: those of its valid loads, each by the load's name. */
import type { Comparison, MetricComparison } from "../schema.ts";
import type { TrendPoint } from "./schema.ts";
import type { SeriesPoint } from "./series-points.ts";

export interface Measured {
  cell: string;
  kind: string;
  metric: MetricComparison;
  point: TrendPoint;
}

export function measuredIn({ name, comparison }: SeriesPoint): Measured[] {
  return validCells(comparison).flatMap(({ cell, kind, metrics }) => {
    return metrics.flatMap((metric): Measured[] => {
      const { base, head, ratio } = metric;
      if (base === null || head === null || ratio === null || ratio <= 0) return [];
      const figures = { base, head, ratio, isOutlier: false };
      return [
        { cell, kind: kind ?? "", metric, point: { ...placeOf(name, comparison), ...figures } },
      ];
    });
  });
}

export function validCells({ cells }: Comparison) {
  return namedCells(cells).filter(({ invalid }) => invalid.length === 0);
}

/** Two cells of one name differ in what their name does not say. */
function namedCells(cells: Comparison["cells"]) {
  const seen = new Map<string, number>();
  return cells.map((of) => {
    const count = (seen.get(of.name) ?? 0) + 1;
    seen.set(of.name, count);
    return { ...of, cell: count === 1 ? of.name : `${of.name} (${count})` };
  });
}

function placeOf(name: string, { id, startedAt, labels, head }: Comparison) {
  const commit = head.labels.commit ?? labels.commit ?? null;
  return { night: name, startedAt, commit, comparisonId: id };
}
