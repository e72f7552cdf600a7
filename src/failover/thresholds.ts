/** Limits on what a fault may cost, such as `unavailable<3s` and `lost-writes==0`, over all trials. */
import { flagError } from "../errors.ts";
import { readDurationMs } from "../units.ts";
import type {
  Distribution,
  FailoverReport,
  FailoverThreshold,
  ServiceRow,
} from "./report-schema.ts";

type Measured = Omit<FailoverReport, "thresholds" | "verdict">;

interface Metric {
  unit: "ms" | "count" | "percent";
  /** What the trials show, without the client on the faulted member, who has lost its server. */
  of(report: Measured, operation: string | null): number | null;
}

const worstRow =
  (of: (row: ServiceRow) => Distribution, pick: "max" | "min" = "max") =>
  ({ rows }: Measured, operation: string | null): number | null => {
    const own = rows.filter(
      (row) => row.role !== "faulted" && (operation === null || row.operation === operation),
    );
    const all = own.map((row) => of(row));
    // A trial without the figure did not come so far.
    if (all.length === 0 || all.some(({ values }) => values.includes(null))) return null;
    return pick === "max"
      ? Math.max(...all.map(({ max }) => max!))
      : Math.min(...all.map(({ min }) => min!));
  };

const whole =
  (of: (report: Measured) => Distribution) =>
  (report: Measured): number | null => {
    const { values, max } = of(report);
    return values.length === 0 || values.includes(null) ? null : max;
  };

const METRICS: Record<string, Metric> = {
  unavailable: { unit: "ms", of: worstRow(({ longestWindowMs }) => longestWindowMs) },
  "unavailable-total": { unit: "ms", of: worstRow(({ unavailableMs }) => unavailableMs) },
  "full-rate": { unit: "ms", of: worstRow(({ fullRateMs }) => fullRateMs) },
  "full-speed": { unit: "ms", of: worstRow(({ fullSpeedMs }) => fullSpeedMs) },
  "lost-requests": { unit: "count", of: worstRow(({ requestsLost }) => requestsLost) },
  availability: {
    unit: "percent",
    of: worstRow(({ availabilityPercent }) => availabilityPercent, "min"),
  },
  elected: { unit: "ms", of: whole(({ leaderElectedMs }) => leaderElectedMs) },
  "first-commit": { unit: "ms", of: whole(({ firstCommitMs }) => firstCommitMs) },
  "caught-up": { unit: "ms", of: whole(({ memberCaughtUpMs }) => memberCaughtUpMs) },
  "watch-gap": { unit: "ms", of: whole(({ watchGapMs }) => watchGapMs) },
  "lost-writes": { unit: "count", of: ({ data }) => data.lost },
  "doubled-writes": { unit: "count", of: ({ data }) => data.appliedTwice },
  "in-doubt-writes": { unit: "count", of: ({ data }) => data.inDoubt },
  "backward-reads": { unit: "count", of: ({ data }) => data.wentBack + data.notFound },
  "stale-for": { unit: "ms", of: ({ data }) => data.longestStaleMs },
  "lost-events": { unit: "count", of: ({ data }) => data.eventsLost + data.eventsNotDelivered },
  "doubled-events": { unit: "count", of: ({ data }) => data.eventsTwice },
  "early-leases": { unit: "count", of: ({ data }) => data.leasesExpiredEarly },
  "two-owners": { unit: "count", of: ({ data }) => data.twoOwners },
};

export const FAILOVER_METRICS = Object.keys(METRICS);

export interface FailoverLimit {
  expression: string;
  operation: string | null;
  metric: string;
  comparison: "<" | "<=" | ">" | ">=" | "==";
  bound: number;
}

/** @throws BenchError (usage) that names the flag */
export function parseFailoverLimit(flag: string, text: string): FailoverLimit {
  const match = /^\s*(?:([\w-]+):)?([\w-]+)\s*(<=|>=|==|<|>)\s*(\S+)\s*$/.exec(text);
  const wrong = (why: string) =>
    flagError("threshold", `${flag}='${text}': ${why}, e.g. ${flag}='unavailable<3s'`);
  if (match === null) throw wrong("it is no METRIC<BOUND");
  const [, operation = null, metric, comparison, given] = match as unknown as [
    string,
    string | undefined,
    string,
    FailoverLimit["comparison"],
    string,
  ];
  const known = METRICS[metric];
  if (known === undefined) {
    throw wrong(`${JSON.stringify(metric)} is not one of ${FAILOVER_METRICS.join(", ")}`);
  }
  const bound = boundOf(known.unit, given);
  if (bound === null) throw wrong(`${JSON.stringify(given)} is no ${UNIT_WORDS[known.unit]}`);
  return { expression: text.trim(), operation, metric, comparison, bound };
}

const UNIT_WORDS = { ms: "time with a unit", count: "number", percent: "share in percent" };

function boundOf(unit: Metric["unit"], text: string): number | null {
  if (unit === "ms") return /^0+$/.test(text) ? 0 : readDurationMs(text);
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null || (match[2] === "%") !== (unit === "percent")) return null;
  return Number(match[1]);
}

export function checkThresholds(
  limits: readonly FailoverLimit[],
  report: Measured,
): FailoverThreshold[] {
  return limits.map((limit) => {
    const { expression, operation, metric, comparison, bound } = limit;
    const actual = METRICS[metric]!.of(report, operation);
    if (actual === null || report.measured === 0) {
      const reason = "a trial does not have the figure";
      return { expression, actual: null, outcome: "undecided", reason };
    }
    const outcome = holds(actual, comparison, bound) ? "held" : "broken";
    return { expression, actual, outcome, reason: null };
  });
}

function holds(actual: number, comparison: FailoverLimit["comparison"], bound: number): boolean {
  switch (comparison) {
    case "<":
      return actual < bound;
    case "<=":
      return actual <= bound;
    case ">":
      return actual > bound;
    case ">=":
      return actual >= bound;
    case "==":
      return actual === bound;
  }
}
