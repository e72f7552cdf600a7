/** The figures of a failover report in one list, for the formats that machines read. */
import {
  DATA_METRICS,
  RECOVERY_METRICS,
  SERVICE_METRICS,
  type Unit,
} from "../../failover/metrics.ts";
import type { Distribution, FailoverReport, Role } from "../../failover/report-schema.ts";

export interface FailoverFigure {
  /** Null: of the whole cluster. */
  operation: string | null;
  role: Role | null;
  name: string;
  unit: Unit;
  better: "lower" | "higher";
  figure: Distribution;
}

/** Of those that at least one trial has. */
export function failoverFigures(report: FailoverReport): FailoverFigure[] {
  const ofRows = report.rows.flatMap((row) =>
    SERVICE_METRICS.map(({ of, ...metric }): FailoverFigure => {
      return { ...metric, operation: row.operation, role: row.role, figure: of(row) };
    }),
  );
  const ofCluster = RECOVERY_METRICS.map(({ of, ...metric }): FailoverFigure => {
    return { ...metric, operation: null, role: null, figure: of(report) };
  });
  return [...ofRows, ...ofCluster].filter(({ figure }) => figure.median !== null);
}

/** The values that are only lower bounds: their runs were over before the outage was. */
export function boundsOf({ lowerBounds, atLeast, max }: Distribution): readonly number[] {
  // Earlier reports tell how many there are.
  return lowerBounds ?? (atLeast > 0 ? [max!] : []);
}

/** Whether a figure over all trials is only a lower bound: bounds below it may be anywhere above. */
export function isAtLeast(figure: Distribution, value: number): boolean {
  return boundsOf(figure).some((bound) => bound <= value);
}

export interface DataFigure {
  name: string;
  unit: Unit;
  value: number;
}

/** Sums over all trials; of those that are known. */
export function dataFiguresOf({ data }: FailoverReport): DataFigure[] {
  return DATA_METRICS.flatMap(({ name, unit, of }) => {
    const value = of(data);
    return value === null ? [] : [{ name, unit, value }];
  });
}

/** `put/clients=all`, `failover`: the name of a series. */
export function seriesPath({ operation, role }: FailoverFigure): string {
  return operation === null ? "failover" : `${operation}/clients=${role}`;
}
