/** Words and cells of a soak's report, which its table, markdown and page share. */

import { mostFrequentError } from "../../result/error-words.ts";
import { clockedName, judgedLatency } from "../../result/judged-latency.ts";
import type { Drift, DriftOutcome, SoakReport, SoakTotal } from "../../soak/report-schema.ts";
import { rateOf } from "../../soak/row-rates.ts";
import type { SoakRow } from "../../soak/row-schema.ts";
import type { Column } from "../../tables/grid.ts";
import { latencyText } from "../../tables/latency-text.ts";
import {
  ABSENT,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
} from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { pValueText } from "../comparison/words.ts";
import { errorsOf } from "../table/errors-section.ts";

/** Of a load with many effects the table has the first; JSON has all. */
const MOST_SERIES = 2;
/** Of a long soak the table has the first and the last of them; every file has all. */
const MOST_ROWS = 24;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const MS_PER_SECOND = 1_000;

const OUTCOME_WORDS: Record<DriftOutcome, string> = {
  steady: "steady",
  drifting: "drifting",
  falling: "falling",
  settling: "settling",
  "too-few": "too few rows",
  unknown: "not known",
};

export function titleOf({ measuredMs, plannedMs }: SoakReport): string {
  return `Soak: ${longTime(measuredMs / MS_PER_SECOND)} of ${longTime(plannedMs / MS_PER_SECOND)}`;
}

export function whatWasRun({ describe, rows, everyMs, segments }: SoakReport): string[] {
  return [
    describe,
    `${formatNoun(rows.length, "row")} of ${longTime(everyMs / MS_PER_SECOND)} in ${formatNoun(segments, "segment")}`,
  ];
}

export function verdictLine({ verdict }: SoakReport): string {
  return `${verdict.kind}: ${verdict.reasons.join("; ")}`;
}

/** The sections of the report; cells are painted. */
export function soakSections(report: SoakReport, paint: Paint): TableSection[] {
  return [
    totalsSection(report),
    errorsOf(report.totals),
    driftSection(report, paint),
    rowsSection(report),
  ].filter((section) => section !== null);
}

function totalsSection({ totals }: SoakReport): TableSection {
  const columns: Column<SoakTotal>[] = [
    { header: ["Operation"], align: "left", cell: ({ name }) => printable(name) },
    { header: ["succeeded"], cell: ({ succeeded }) => formatCount(succeeded) },
    { header: ["failed"], cell: ({ failed }) => formatCount(failed) },
    { header: ["per second"], cell: ({ perSec }) => formatRate(perSec) },
    { header: ["clock"], align: "left", cell: ({ clock }) => clock },
    { header: ["p50"], cell: ({ latency }) => latencyText(latency, "p50Ms") },
    { header: ["p99"], cell: ({ latency }) => latencyText(latency, "p99Ms") },
    { header: ["p99.9"], cell: ({ latency }) => latencyText(latency, "p999Ms") },
    { header: ["max"], cell: ({ latency }) => latencyText(latency, "maxMs") },
  ];
  return tableSection("Over the whole soak", columns, totals);
}

function driftSection({ drifts }: SoakReport, paint: Paint): TableSection {
  const columns: Column<Drift>[] = [
    { header: ["Of"], align: "left", cell: ({ subject }) => printable(subject) },
    { header: ["figure"], align: "left", cell: ({ figure }) => figure },
    { header: ["rows"], cell: ({ rows }) => formatCount(rows) },
    { header: ["median"], cell: (drift) => bounded(drift, inUnit(drift, drift.median)) },
    { header: ["per hour"], cell: (drift) => bounded(drift, signed(drift, drift.perHour)) },
    { header: ["rise"], cell: (drift) => bounded(drift, signed(drift, drift.rise)) },
    {
      header: ["of the", "median"],
      cell: ({ riseShare }) => (riseShare === null ? ABSENT : formatPercent(riseShare * 100)),
    },
    { header: ["matters", "from"], cell: (drift) => inUnit(drift, drift.least) },
    { header: ["p"], cell: ({ pValue }) => pValueText(pValue) },
    {
      header: ["is"],
      align: "left",
      cell: ({ outcome }) => {
        const words = OUTCOME_WORDS[outcome];
        if (outcome === "unknown") return paint.warning(words);
        return outcome === "drifting" ? paint.bad(words) : words;
      },
    },
  ];
  return tableSection("Drift", columns, drifts, {
    keepsUpright: true,
    remarks: [
      "Slopes by Theil and Sen over the rows after the first fifth of each segment, p by Mann and Kendall's test, corrected for rows that resemble their neighbours and for all figures (Holm). A figure drifts where p is below 0.01, its rise matters, and it rises in the second half too.",
    ],
  });
}

function rowsSection({ rows }: SoakReport): TableSection {
  const isLong = rows.length > MOST_ROWS;
  const shown = isLong ? [...rows.slice(0, MOST_ROWS / 2), ...rows.slice(-MOST_ROWS / 2)] : rows;
  const names = namesOfSeries(rows).slice(0, MOST_SERIES);
  const columns: Column<SoakRow>[] = [
    { header: ["Row"], cell: ({ row }) => formatCount(row) },
    { header: ["segment"], cell: ({ segment }) => formatCount(segment) },
    { header: ["from"], cell: ({ atSeconds }) => longTime(atSeconds) },
    ...names.flatMap((name): Column<SoakRow>[] => {
      const of = ({ series }: SoakRow) => series.find((each) => each.name === name);
      return [
        {
          header: [printable(name), "per second"],
          cell: (row) => {
            const series = of(row);
            return series === undefined ? ABSENT : formatRate(rateOf(series, row));
          },
        },
        {
          header: [
            printable(name),
            clockedName(
              "p99",
              rows.flatMap((row) => of(row) ?? []),
            ),
          ],
          cell: (row) => {
            const series = of(row);
            return series === undefined ? ABSENT : latencyText(judgedLatency(series), "p99Ms");
          },
        },
        {
          header: [printable(name), "failed"],
          cell: (row) => formatCount(of(row)?.failed || null),
        },
      ];
    }),
    { header: ["client", "RSS"], cell: ({ client }) => formatBytes(client.rssBytes) },
    { header: ["client", "files"], cell: ({ client }) => formatCount(client.openFiles) },
    ...(rows.some(({ client }) => client.pausedMs !== undefined) ? [PAUSED] : []),
    { header: ["etcd RSS", "most"], cell: (row) => formatBytes(most(row, "rssBytes")) },
    { header: ["etcd files", "most"], cell: (row) => formatCount(most(row, "openFiles")) },
    { header: ["db size", "most"], cell: (row) => formatBytes(most(row, "dbSizeBytes")) },
    { header: ["fsync p99", "most"], cell: (row) => formatDuration(most(row, "walFsyncP99Ms")) },
  ];
  return tableSection("Rows", columns, shown, {
    remarks: isLong
      ? [`The first and the last ${MOST_ROWS / 2} of ${formatNoun(rows.length, "row")}.`]
      : [],
  });
}

/** Left out where the client never paused. */
const PAUSED: Column<SoakRow> = {
  header: ["client", "paused"],
  cell: ({ client }) => formatDuration(client.pausedMs ?? null),
};

function namesOfSeries(rows: readonly SoakRow[]): string[] {
  return [...new Set(rows.flatMap(({ series }) => series.map(({ name }) => name)))];
}

/** Of all members. */
export function most(
  { members }: SoakRow,
  key: "rssBytes" | "openFiles" | "dbSizeBytes" | "walFsyncP99Ms",
): number | null {
  const values = members.flatMap((member) => member[key] ?? []);
  return values.length === 0 ? null : Math.max(...values);
}

/** `row 3 (30 min): put 5.00/s, response p99 2.10 ms; client 95.0 MB; etcd 40.0 MB, db 1.20 MB`. */
export function rowLine(row: SoakRow): string {
  const series = row.series.slice(0, MOST_SERIES).map((each) => {
    const rate = formatRate(rateOf(each, row));
    const why = mostFrequentError(each.errors ?? []);
    const reason = why === null ? "" : ` with ${printable(why)}`;
    const failed = each.failed === 0 ? "" : `, ${formatCount(each.failed)} failed${reason}`;
    const p99 = `${clockedName("p99", [each])} ${latencyText(judgedLatency(each), "p99Ms")}`;
    return `${each.name} ${rate}/s, ${p99}${failed}`;
  });
  const { pausedMs } = row.client;
  const paused = pausedMs === undefined ? "" : `, paused ${formatDuration(pausedMs)}`;
  const end = longTime(row.atSeconds + row.durationSeconds);
  return [
    `row ${row.row} (${end}): ${series.join("; ")}`,
    `client ${formatBytes(row.client.rssBytes)}${paused}`,
    `etcd ${formatBytes(most(row, "rssBytes"))}, db ${formatBytes(most(row, "dbSizeBytes"))}`,
  ].join("; ");
}

/** `45.0 s`, `10 min`, `2 h 30 min`, `3 d 4 h`. */
export function longTime(seconds: number): string {
  if (seconds < 2 * SECONDS_PER_MINUTE) return formatDuration(seconds * MS_PER_SECOND);
  const [large, small, perLarge, perSmall] =
    seconds < SECONDS_PER_DAY
      ? ["h", "min", SECONDS_PER_HOUR, SECONDS_PER_MINUTE]
      : ["d", "h", SECONDS_PER_DAY, SECONDS_PER_HOUR];
  const smalls = Math.round(seconds / perSmall);
  const inLarge = perLarge / perSmall;
  const whole = Math.floor(smalls / inLarge);
  const rest = smalls % inLarge;
  return [
    ...(whole > 0 ? [`${whole} ${large}`] : []),
    ...(rest > 0 ? [`${rest} ${small}`] : []),
  ].join(" ");
}

function inUnit({ unit }: Drift, value: number | null): string {
  if (value === null) return ABSENT;
  if (unit === "bytes") return formatBytes(value);
  if (unit === "percent") return formatPercent(value);
  return unit === "ms" ? formatDuration(value) : value.toFixed(1);
}

/** `>=101 ms` of rows in which missing requests leave only bounds. */
function bounded({ boundedRows }: Drift, text: string): string {
  return boundedRows === 0 || text === ABSENT ? text : `>=${text}`;
}

function signed(drift: Drift, value: number | null): string {
  if (value === null) return ABSENT;
  return `${value < 0 ? "-" : "+"}${inUnit(drift, Math.abs(value))}`;
}
