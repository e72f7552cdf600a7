/** Limits on what a fault may cost, such as `unavailable<3s` and `lost-writes==0`, over all trials. */
import { flagError } from "../errors.ts";
import { readDurationMs } from "../units.ts";
import {
  DATA_METRICS,
  type Measured,
  RECOVERY_METRICS,
  SERVICE_METRICS,
  type Unit,
} from "./metrics.ts";
import type { Distribution, FailoverThreshold, Role, ServiceRow } from "./report-schema.ts";

const METRICS = [...SERVICE_METRICS, ...RECOVERY_METRICS, ...DATA_METRICS];

export const FAILOVER_METRICS = METRICS.map(({ name }) => name);

export interface FailoverLimit {
  expression: string;
  operation: string | null;
  /** Where the clients are attached; null: anywhere but at the faulted member alone. */
  role: Role | null;
  metric: string;
  comparison: "<" | "<=" | ">" | ">=" | "==";
  bound: number;
}

/** `put@faulted:unavailable<3s`: operation and attachment may be left out. */
const LIMIT =
  /^\s*(?:([\w-]+)(?:@(all|any|other|faulted))?:)?([\w-]+)\s*(<=|>=|==|<|>)\s*(\S+)\s*$/;

/** @throws BenchError (usage) that names the flag */
export function parseFailoverLimit(flag: string, text: string): FailoverLimit {
  const match = LIMIT.exec(text);
  const wrong = (why: string) =>
    flagError("threshold", `${flag}='${text}': ${why}, e.g. ${flag}='unavailable<3s'`);
  if (match === null) throw wrong("it is no METRIC<BOUND");
  const [, operation = null, role = null, metric, comparison, given] = match as unknown as [
    string,
    string | undefined,
    Role | undefined,
    string,
    FailoverLimit["comparison"],
    string,
  ];
  const known = METRICS.find(({ name }) => name === metric);
  if (known === undefined) {
    throw wrong(`${JSON.stringify(metric)} is not one of ${FAILOVER_METRICS.join(", ")}`);
  }
  if (operation !== null && !SERVICE_METRICS.some(({ name }) => name === metric)) {
    throw wrong(`${metric} is of the whole cluster; leave ${operation}: out`);
  }
  const bound = boundOf(known.unit, given);
  if (bound === null) throw wrong(`${JSON.stringify(given)} is no ${UNIT_WORDS[known.unit]}`);
  return { expression: text.trim(), operation, role, metric, comparison, bound };
}

const UNIT_WORDS = { ms: "time with a unit", count: "number", percent: "share in percent" };

function boundOf(unit: Unit, text: string): number | null {
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
    const { expression } = limit;
    const found = report.measured === 0 ? null : foundFor(limit, report);
    if (found === null) {
      const reason = whyNotFound(limit, report);
      return { expression, actual: null, outcome: "undecided", reason };
    }
    const proven = outcomeOf(limit, found);
    // A trial without the figure can make the worst only worse.
    const outcome = found.isMissing && proven === "held" ? "undecided" : proven;
    const isKnown = outcome !== "undecided" || !found.isMissing;
    const actual = isKnown ? found.actual : null;
    return { expression, actual, outcome, reason: reasonOf(outcome, found) };
  });
}

/** The worst of the trials, and between which values it is. */
interface Found {
  actual: number;
  least: number;
  /** Infinite where a window was still open. */
  most: number;
  /** A trial does not have the figure: it did not come so far. */
  isMissing: boolean;
}

function outcomeOf(
  { comparison, bound }: FailoverLimit,
  { least, most }: Found,
): FailoverThreshold["outcome"] {
  if (comparison === "==" && least < bound && bound < most) return "undecided";
  const isHeld = holds(least, comparison, bound);
  if (isHeld !== holds(most, comparison, bound)) return "undecided";
  return isHeld ? "held" : "broken";
}

function reasonOf(outcome: FailoverThreshold["outcome"], found: Found): string | null {
  if (outcome !== "undecided") return null;
  if (found.isMissing) return "a trial does not have the figure";
  return found.least < found.actual
    ? "the client paused in this time, so that less may be the cluster's"
    : "a window was still open at the end of a run";
}

/** Without a role the clients that are attached to the faulted member alone do not count. */
function rowsFor({ operation, role }: FailoverLimit, { rows }: Measured): ServiceRow[] {
  return rows.filter((row) => {
    const isOfRole = role === null ? row.role !== "faulted" : row.role === role;
    return isOfRole && (operation === null || row.operation === operation);
  });
}

function foundFor(limit: FailoverLimit, report: Measured): Found | null {
  const { metric } = limit;
  const ofService = SERVICE_METRICS.find(({ name }) => name === metric);
  if (ofService !== undefined) {
    return worstOf(rowsFor(limit, report).map(ofService.of), ofService.better);
  }
  const ofRecovery = RECOVERY_METRICS.find(({ name }) => name === metric);
  if (ofRecovery !== undefined) return worstOf([ofRecovery.of(report)], ofRecovery.better);
  const value = DATA_METRICS.find(({ name }) => name === metric)!.of(report.data);
  return value === null ? null : { actual: value, least: value, most: value, isMissing: false };
}

function whyNotFound(limit: FailoverLimit, report: Measured): string {
  const isOfService = SERVICE_METRICS.some(({ name }) => name === limit.metric);
  const attached = rowsFor({ ...limit, role: "faulted" }, report);
  if (isOfService && attached.length > 0 && rowsFor(limit, report).length === 0) {
    const named = `${attached[0]!.operation}@faulted:${limit.metric}`;
    return `all clients of it were attached to the faulted member alone; ${named} names these`;
  }
  return "no trial has the figure";
}

/** Null where no trial has the figure. */
function worstOf(figures: readonly Distribution[], better: "lower" | "higher"): Found | null {
  const worst = better === "lower" ? Math.max : Math.min;
  const values = figures.flatMap((each) => each.values);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const actual = worst(...known);
  const isMissing = known.length < values.length;
  const sure = figures
    .flatMap(({ values: all, withoutPauses = all }) => withoutPauses)
    .filter((value) => value !== null);
  const isOpen = figures.some(({ atLeast }) => atLeast > 0) || (isMissing && better === "lower");
  return {
    actual,
    least: isMissing && better === "higher" ? Number.NEGATIVE_INFINITY : worst(...sure),
    most: isOpen ? Number.POSITIVE_INFINITY : actual,
    isMissing,
  };
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
