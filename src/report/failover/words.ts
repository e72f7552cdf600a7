/** Words and cells of a failover report, which its table, markdown and page share. */
import { backwardReads } from "../../failover/metrics.ts";
import type {
  Distribution,
  FailoverReport,
  FailoverThreshold,
  Role,
  ServiceRow,
} from "../../failover/report-schema.ts";
import type { Column } from "../../tables/grid.ts";
import { ABSENT, formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { errorsOf } from "../table/errors-section.ts";
import { isAtLeast } from "./figures.ts";

const ROLE_WORDS: Record<Role, string> = {
  all: "all members",
  any: "one member",
  other: "another member",
  faulted: "the faulted member",
};

export function titleOf({ events, trials }: FailoverReport): string {
  return `Failover: ${events.map(printable).join(" and ")}, ${formatNoun(trials, "trial")}`;
}

export function whatWasRun(report: FailoverReport): string[] {
  const { describe, etcd, ratePerSec, timeoutMs, slowMs, measured, trials, controls } = report;
  const isWhole = ratePerSec === null || Number.isInteger(ratePerSec);
  const rate = isWhole ? formatCount(ratePerSec) : formatRate(ratePerSec);
  return [
    `${describe}, etcd ${etcd}, ${rate} requests/s, deadline ${formatDuration(timeoutMs)}, slow after ${formatDuration(slowMs)}`,
    `${measured} of ${formatNoun(trials, "trial")} and ${formatNoun(controls, "control run")} without a fault`,
  ];
}

export function verdictLine({ verdict }: FailoverReport): string {
  return `${verdict.kind}: ${verdict.reasons.join("; ")}`;
}

interface PhaseRow {
  name: string;
  figure: Distribution;
  format: (value: number | null) => string;
}

/** The sections of the report; cells are painted. */
export function failoverSections(report: FailoverReport, paint: Paint): TableSection[] {
  return [
    serviceSection(report),
    phasesSection(report),
    dataSection(report),
    controlSection(report),
    errorsOf(
      (report.errors ?? []).map(({ operation, isControl, errors }) => ({
        name: isControl ? `${operation}, control` : operation,
        errors,
      })),
    ),
    ...(report.thresholds.length === 0 ? [] : [thresholdsSection(report, paint)]),
  ].filter((section) => section !== null);
}

function serviceSection({ rows, measured }: FailoverReport): TableSection {
  const median = (of: (row: ServiceRow) => Distribution) => (row: ServiceRow) =>
    medianText(of(row), measured);
  const columns: Column<ServiceRow>[] = [
    { header: ["Operation"], align: "left", cell: ({ operation }) => operation },
    { header: ["client on"], align: "left", cell: ({ role }) => ROLE_WORDS[role] },
    {
      header: ["longest window", "min"],
      cell: ({ longestWindowMs: window }) => boundedMs(window, window.min),
    },
    {
      header: ["longest window", "median"],
      cell: median(({ longestWindowMs }) => longestWindowMs),
    },
    { header: ["95% of", "median"], cell: ({ longestWindowMs }) => intervalText(longestWindowMs) },
    {
      header: ["longest window", "p90"],
      cell: ({ longestWindowMs: window }) => boundedMs(window, window.p90),
    },
    {
      header: ["longest window", "max"],
      cell: ({ longestWindowMs: window }) => boundedMs(window, window.max),
    },
    { header: ["first", "error"], cell: median(({ firstErrorMs }) => firstErrorMs) },
    { header: ["old", "rate"], cell: median(({ fullRateMs }) => fullRateMs) },
    { header: ["old", "speed"], cell: median(({ fullSpeedMs }) => fullSpeedMs) },
    {
      header: ["requests", "lost"],
      cell: ({ requestsLost }) =>
        requestsLost.median === null ? ABSENT : formatCount(requestsLost.median),
    },
    {
      header: ["available", "least"],
      cell: ({ availabilityPercent: { min } }) => (min === null ? ABSENT : `${min.toFixed(2)}%`),
    },
  ];
  return tableSection("What clients saw", columns, rows, {
    remarks: [
      "Medians over trials, from the beginning of the fault on. A window is a stretch in which every request due failed or was slow. Of several other members the worst in each trial counts.",
    ],
  });
}

function phasesSection(report: FailoverReport): TableSection {
  const count = (value: number | null) => (value === null ? ABSENT : formatCount(value));
  const rows: PhaseRow[] = [
    { name: "leader lost", figure: report.leaderLostMs, format: ms },
    { name: "next leader elected", figure: report.leaderElectedMs, format: ms },
    { name: "first commit", figure: report.firstCommitMs, format: ms },
    { name: "elections", figure: report.elections, format: count },
    { name: "faulted member healthy", figure: report.memberHealthyMs, format: ms },
    { name: "faulted member caught up", figure: report.memberCaughtUpMs, format: ms },
    { name: "entries behind, most", figure: report.mostEntriesBehind, format: count },
    { name: "watch gap, longest", figure: report.watchGapMs, format: ms },
    { name: "watch resumed after", figure: report.watchResumeMs, format: ms },
  ].filter(({ figure }) => figure.max !== null);
  const columns: Column<PhaseRow>[] = [
    { header: ["Phase"], align: "left", cell: ({ name }) => name },
    { header: ["trials"], cell: ({ figure }) => formatCount(known(figure)) },
    { header: ["min"], cell: ({ figure, format }) => format(figure.min) },
    { header: ["median"], cell: ({ figure, format }) => format(figure.median) },
    {
      header: ["95% of", "median"],
      cell: ({ figure, format }) => intervalText(figure, format),
    },
    { header: ["p90"], cell: ({ figure, format }) => format(figure.p90) },
    { header: ["max"], cell: ({ figure, format }) => format(figure.max) },
  ];
  return tableSection("Recovery by phase", columns, rows);
}

interface DataRow {
  name: string;
  faulted: string;
  control: string;
}

function dataSection({ data, controlData, controls }: FailoverReport): TableSection {
  const ofRuns = (runs: number | undefined, text: string) => (runs === 0 ? ABSENT : text);
  const row = (name: string, of: (figures: typeof data) => string): DataRow => {
    return {
      name,
      faulted: ofRuns(data.runs, of(data)),
      control: ofRuns(controls, of(controlData)),
    };
  };
  const count = (value: number | null) => (value === null ? ABSENT : formatCount(value));
  const rows = [
    row("writes acknowledged", ({ acknowledged }) => count(acknowledged)),
    row("of them lost", ({ lost }) => count(lost)),
    row("writes in doubt", ({ inDoubt }) => count(inDoubt)),
    row("of them applied", ({ inDoubtApplied }) => count(inDoubtApplied)),
    row("writes applied twice", ({ appliedTwice }) => count(appliedTwice)),
    row("runs with differing hashes", ({ hashesDiffer }) => count(hashesDiffer)),
    row("linearizable reads", (each) => count(each.linearizableReads)),
    row("of them backward or missing a key", (each) => count(backwardReads(each))),
    row("serializable reads", (each) => count(each.serializableReads)),
    row("of them stale", ({ stale }) => count(stale)),
    row("stale by up to", ({ longestStaleMs }) => ms(longestStaleMs)),
    row("watch events twice", ({ eventsTwice }) => count(eventsTwice)),
    row("watch events lost", ({ eventsLost }) => count(eventsLost)),
    row("leases expired early", ({ leasesExpiredEarly }) => count(leasesExpiredEarly)),
    row("locks with two owners", ({ twoOwners }) => count(twoOwners)),
  ];
  const columns: Column<DataRow>[] = [
    { header: ["Data"], align: "left", cell: ({ name }) => name },
    { header: ["all trials"], cell: ({ faulted }) => faulted },
    { header: ["controls"], cell: ({ control }) => control },
  ];
  if (data.runs === 0 && controls === 0) {
    return tableSection("What became of the data", columns, [], {
      remarks: ["No run was measured to its end."],
    });
  }
  return tableSection("What became of the data", columns, rows, { keepsUpright: true });
}

function controlSection({ control }: FailoverReport): TableSection {
  const columns: Column<FailoverReport["control"][number]>[] = [
    { header: ["Operation"], align: "left", cell: ({ operation }) => operation },
    { header: ["runs"], cell: ({ runs }) => formatCount(runs) },
    { header: ["windows"], cell: ({ windows }) => formatCount(windows) },
    {
      header: ["longest"],
      cell: ({ windows, longestWindowMs }) => (windows === 0 ? ABSENT : ms(longestWindowMs)),
    },
    {
      header: ["available", "least"],
      cell: ({ availabilityPercent: least }) => (least === null ? ABSENT : `${least.toFixed(2)}%`),
    },
  ];
  return tableSection("Controls, without a fault", columns, control, {
    remarks: control.length === 0 ? ["There was no control run."] : [],
  });
}

function thresholdsSection({ thresholds }: FailoverReport, paint: Paint): TableSection {
  const columns: Column<FailoverThreshold>[] = [
    { header: ["Threshold"], align: "left", cell: ({ expression }) => printable(expression) },
    {
      header: ["worst trial"],
      cell: ({ actual, expression }) => actualText(actual, expression),
    },
    {
      header: ["is"],
      align: "left",
      cell: ({ outcome, reason }) => {
        const words = reason === null ? outcome : `${outcome}: ${reason}`;
        return outcome === "held" ? paint.good(words) : paint.bad(words);
      },
    },
  ];
  return tableSection("Thresholds", columns, thresholds);
}

/** In the unit of the bound. */
export function actualText(actual: number | null, expression: string): string {
  if (actual === null) return ABSENT;
  if (/[a-zµ]+\s*$/i.test(expression)) return formatDuration(actual);
  return expression.trimEnd().endsWith("%") ? `${actual.toFixed(3)}%` : formatCount(actual);
}

function ms(value: number | null): string {
  return formatDuration(value);
}

/** One that a lower bound could raise is one itself. */
function boundedMs(figure: Distribution, value: number | null): string {
  if (value === null) return ABSENT;
  return `${isAtLeast(figure, value) ? ">=" : ""}${ms(value)}`;
}

function known({ values }: Distribution): number {
  return values.filter((value) => value !== null).length;
}

/** With the number of trials that have it, where some do not. */
function medianText(figure: Distribution, trials: number): string {
  if (figure.median === null) return ABSENT;
  const some = known(figure);
  return `${boundedMs(figure, figure.median)}${some < trials ? ` (${some})` : ""}`;
}

function intervalText({ medianLow, medianHigh }: Distribution, format = ms): string {
  return medianLow === null ? ABSENT : `${format(medianLow)} to ${format(medianHigh)}`;
}
