/**
 * Renders a search for the highest rate: its steps as a table of latency against load, the rate that
 * was found, and what prevented a higher one.
 */

import { metricName } from "../../flags/threshold.ts";
import type { Threshold } from "../../plan/schema.ts";
import { aroundRuns } from "../../result/around-runs.ts";
import { judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import { isHeldAgainst } from "../../result/named-series.ts";
import type { OperationResult, RunResult } from "../../result/schema.ts";
import {
  measuredLimits,
  type SearchRecord,
  type StepOutcome,
  searchesOf,
  stepOutcome,
} from "../../result/search.ts";
import { type ThresholdResult, thresholdOutcome } from "../../result/threshold-outcome.ts";
import type { Column } from "../../tables/grid.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { describeNeed, describeTooFew } from "../../tables/sample-words.ts";
import { renderTableSection, type TableSection, tableSection } from "../../tables/table-section.ts";
import { measured } from "../../tables/threshold-words.ts";
import { capitalised } from "../../text/capitalised.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import type { ReportOptions } from "../format.ts";
import { ceilingAbove, contradictionsOf, rateOf } from "./search-evidence.ts";

interface StepRow {
  run: RunResult;
  operation: OperationResult;
}

/** A section for each search among the results; empty without one. */
export function renderSearches(
  results: readonly RunResult[],
  options: ReportOptions,
  paint: Paint,
): string {
  return searchesOf(results)
    .map((search) => renderTableSection(searchSection(search, paint), options, paint))
    .join("\n\n");
}

/** One line of progress: `step 3: 4,000/s: p99 was 2.31 ms, held`. */
export function describeStep(run: RunResult): string {
  const { step, isVerification } = run.search!;
  const name = isVerification ? "verification" : "step";
  const figures = [limitsText(run), outcomeText(run)].filter((text) => text !== "");
  return `${name} ${step}: ${offered(run)}: ${figures.join(", ")}`;
}

/** The walk; cells and remarks are painted. */
export function searchSection(search: SearchRecord, paint: Paint): TableSection {
  const rows: StepRow[] = search.runs.flatMap((run) =>
    run.operations.map((operation) => ({ run, operation })),
  );
  const hasSeveral = search.runs.some(({ operations }) => operations.length > 1);
  const latency = (header: string, name: "p50Ms" | "p99Ms" | "p999Ms"): Column<StepRow> => ({
    header: [header],
    cell: ({ operation }) => latencyText(judgedLatency(operation), name),
  });
  const columns: Column<StepRow>[] = [
    {
      header: ["Step"],
      cell: ({ run: { search } }) => `${search!.isVerification ? "verify " : ""}${search!.step}`,
    },
    ...(hasSeveral
      ? [
          {
            header: ["Operation"],
            align: "left" as const,
            cell: ({ operation }: StepRow) => printable(operation.name),
          },
        ]
      : []),
    { header: ["offered", "/s"], cell: ({ run }) => formatRate(run.plan.pacing.ratePerSec) },
    {
      header: ["achieved", "/s"],
      cell: ({ operation }) => formatRate(operation.throughputPerSec),
    },
    latency("p50", "p50Ms"),
    latency("p99", "p99Ms"),
    latency("p99.9", "p999Ms"),
    { header: ["errors"], cell: ({ operation }) => formatCount(operation.requests.failed) },
    { header: ["verdict"], align: "left", cell: ({ run }) => run.verdict.kind },
    { header: ["limit"], align: "left", cell: (row) => outcomeOf(row, paint) },
  ];
  const title = `Highest rate with ${limitsOf(search).map(expressionOf).join(" and ")}`;
  return tableSection(title, columns, rows, {
    remarks: [
      `Latencies are response times: they start at the time at which a request was due.${exceptions(rows)}`,
      ...conclusion(search, paint),
    ],
  });
}

/** Operations that no schedule applies to, such as the creation of watches. */
function exceptions(rows: readonly StepRow[]): string {
  const of = rows.flatMap(({ operation }) =>
    judgedClock(operation) === "service" && operation.serviceTime.count > 0 ? [operation.name] : [],
  );
  const names = [...new Set(of)].map(printable).join(" and ");
  return names === "" ? "" : ` Those of ${names} are service times: they have no schedule.`;
}

/** Of the step, and which of its limits this operation was too rare for. */
function outcomeOf({ run, operation }: StepRow, paint: Paint): string {
  const { kind } = run.plan.workload;
  const isDecided = (limit: ThresholdResult) => thresholdOutcome(limit) !== "undecided";
  const limits = measuredLimits(run).filter((each) => {
    const limit = limitOf(run, each.expression);
    const concerns = limit === undefined || isHeldAgainst(limit, operation.name, kind);
    return isDecided(each) && concerns;
  });
  if (limits.length === 0 && measuredLimits(run).some(isDecided)) {
    return "not judged: no limit is of it";
  }
  const missed = limits.flatMap(({ expression, tooFewSamples }) => {
    const rare = tooFewSamples.find((each) => each.operation === operation.name);
    const limit = limitOf(run, expression);
    return rare === undefined || limit === undefined ? [] : [describeNeed(limit, rare.samples)];
  });
  const isJudged = missed.length < limits.length || limits.length === 0;
  const rest = missed.length === 0 ? [] : [`not judged: ${missed.join(", ")}`];
  return [...(isJudged ? [painted(run, paint)] : []), ...rest].join("; ");
}

function limitOf(run: RunResult, expression: string): Threshold | undefined {
  return run.plan.search?.limits.find((each) => each.expression === expression);
}

function painted(run: RunResult, paint: Paint): string {
  const outcome = stepOutcome(run);
  const paintOutcome =
    outcome === "held" ? paint.good : outcome === "over" ? paint.bad : paint.warning;
  return paintOutcome(OUTCOME_TEXT[outcome]);
}

/** What was found, and what is known of why it is not more. */
function conclusion(search: SearchRecord, paint: Paint): string[] {
  const { found } = search;
  if (found === null) {
    const none = paint.bad(paint.bold("No rate was found")) + whyNone(search);
    return [none, ...aroundSteps(search)];
  }
  const rate = paint.good(paint.bold(offered(found)));
  const lines = [
    `Found: ${rate}, verified over ${formatDuration(found.durationSeconds * 1000)}: ` +
      `${limitsText(found)}.`,
  ];
  const { workload } = found.plan;
  const amount = workloadNamed(workload.kind).describeRate(workload, rateOf(found));
  if (amount !== null) lines.push(`That is ${amount}.`);
  const ceiling = ceilingAbove(search, found);
  const isAnyAbove = search.runs.some((run) => rateOf(run) > rateOf(found));
  if (ceiling !== null) lines.push(whyNoMore(ceiling));
  else if (!isAnyAbove) lines.push("No higher rate was tried.");
  return [...lines, ...aroundSteps(search)];
}

/** What happened around the steps, which only their own results have. */
function aroundSteps(search: SearchRecord): string[] {
  const around = aroundRuns(search.runs, { what: "step" });
  return [
    ...contradictionLines(search),
    ...changeLines(search),
    ...around.map((text) => printable(capitalised(text))),
  ];
}

/** A verification finds what a step is too short for. */
const MUCH_LONGER = 1.5;

/** Steps that do not agree with each other, which a reader would else find in the walk. */
function contradictionLines(search: SearchRecord): string[] {
  return contradictionsOf(search).map(({ ratePerSec, failed, heldAt }) => {
    const steps = failed.map(
      ({ search: place }) => `${stepName(place!)} (${whyNot(failed, place!)})`,
    );
    const isSame = rateOf(heldAt) === ratePerSec;
    const other = `${stepName(heldAt.search!)}${isSame ? "" : ` at ${offered(heldAt)}`}`;
    const isOfShorter = failed.every(
      (run) => run.durationSeconds > MUCH_LONGER * heldAt.durationSeconds,
    );
    const what = isOfShorter
      ? "the longer run, or something other than the rate,"
      : "something other than the rate";
    return `${formatRate(ratePerSec)}/s did not hold in ${steps.join(" and ")}, and did in ${other}: ${what} made the difference.`;
  });
}

/** How the cluster changed, which only the results of the steps have. */
function changeLines({ runs }: SearchRecord): string[] {
  const stepsOf = new Map<string, Set<string>>();
  for (const { target, search } of runs) {
    for (const { text, atSeconds } of target.changes) {
      const line = `${atSeconds < 0 ? "Before" : "During"} %s: ${printable(text)}.`;
      stepsOf.set(line, (stepsOf.get(line) ?? new Set()).add(stepName(search!)));
    }
  }
  return [...stepsOf].map(([line, steps]) => line.replace("%s", () => [...steps].join(", ")));
}

function stepName({ step, isVerification }: NonNullable<RunResult["search"]>): string {
  return `${isVerification ? "verification" : "step"} ${step}`;
}

/** `p99 was 97.1 ms`, or the outcome where no figure broke a limit. */
function whyNot(failed: readonly RunResult[], place: NonNullable<RunResult["search"]>): string {
  const run = failed.find(({ search }) => search!.step === place.step)!;
  const outcome = stepOutcome(run);
  const figures = outcome === "over" ? limitsText(run) : "";
  return figures === "" ? outcomeText(run) : figures;
}

function whyNone({ runs }: SearchRecord): string {
  const last = runs.at(-1)!;
  const at = offered(last);
  switch (stepOutcome(last)) {
    case "interrupted":
      return ": the search was interrupted.";
    case "failed":
      return `: the run at ${at} broke off.`;
    case "unmeasured":
      return (
        `: ${at} gives too few requests for the limit in a step${needsOf(last)}; give a longer ` +
        "--duration (which bounds a step too), or a limit on a lower percentile."
      );
    case "held":
      return ": the search broke off.";
    default:
      return last.search!.isVerification
        ? `: none that held in a step did over the full duration. ${whyNoMore(last)}`
        : `: ${whyNoMore(last)}`;
  }
}

/** ` (p99 needs 1,000 samples, put has 40)`; empty where nothing is known of them. */
function needsOf(run: RunResult): string {
  const needs = measuredLimits(run).flatMap((limit) => {
    const threshold = limitOf(run, limit.expression);
    return threshold === undefined ? [] : describeTooFew(threshold, limit.tooFewSamples);
  });
  return needs.length === 0 ? "" : ` (${needs.join("; ")})`;
}

function whyNoMore(run: RunResult): string {
  const at = offered(run);
  const { clients } = run.plan.load;
  const outcome = stepOutcome(run);
  if (outcome === "client-limited") {
    return `At ${at} this client was the limit, not etcd, which may do more: raise --workers, or take a faster machine for the client.`;
  }
  if (outcome === "errors") return `At ${at} there were ${outcomeText(run)}.`;
  if (outcome === "undecided") {
    return `At ${at} requests without a latency left the limit undecided: ${undecidedText(run)}.`;
  }
  const broken = outcome === "over" ? [limitsText(run)] : [];
  if (run.verdict.kind === "rate-unmet") {
    const all = clients === 1 ? "the one client was" : `all ${formatNoun(clients, "client")} were`;
    broken.push(`${all} waiting for answers: with more --clients etcd may do more`);
  }
  return `At ${at} ${broken.join(", and ")}.`;
}

const OUTCOME_TEXT: Record<StepOutcome, string> = {
  held: "held",
  over: "broken",
  errors: "errors",
  "rate-unmet": "rate not met",
  "client-limited": "client too slow",
  unmeasured: "too few samples",
  undecided: "undecided",
  failed: "run broke off",
  interrupted: "interrupted",
};

/** `errors (2 of 100 put requests failed)`, `undecided (2 put requests have no latency, ...)` */
function outcomeText(run: RunResult): string {
  const outcome = stepOutcome(run);
  const isOpen = outcome === "undecided";
  const reasons = outcome === "errors" ? reasonsOf(run) : isOpen ? undecidedText(run) : "";
  return reasons === "" ? OUTCOME_TEXT[outcome] : `${OUTCOME_TEXT[outcome]} (${reasons})`;
}

function reasonsOf({ verdict }: RunResult): string {
  return verdict.reasons.map(printable).join("; ");
}

/** `p99 was 2.31 ms`, `p99 was at least 30.0 ms`, for each limit of which something is known. */
function limitsText(run: RunResult): string {
  return measuredLimits(run)
    .flatMap((limit) => {
      const { metric } = limitOf(run, limit.expression)!;
      const value = measured(limit, metric);
      return value === null ? [] : [`${metricName(metric)} was ${value}`];
    })
    .join(", ");
}

function undecidedText(run: RunResult): string {
  const reasons = measuredLimits(run).flatMap(({ reason }) => (reason === null ? [] : [reason]));
  return reasons.map(printable).join("; ");
}

function limitsOf({ runs }: SearchRecord): Threshold[] {
  return runs[0]!.plan.search?.limits ?? [];
}

function expressionOf({ expression }: Threshold): string {
  return printable(expression);
}

function offered(run: RunResult): string {
  return `${formatRate(rateOf(run))}/s`;
}
