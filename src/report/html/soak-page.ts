/** The page of a soak: its drift, and each figure over the hours. */
import { clockedName, judgedLatency } from "../../result/judged-latency.ts";
import type { SoakReport } from "../../soak/report-schema.ts";
import { rateOf } from "../../soak/row-rates.ts";
import type { SoakRow } from "../../soak/row-schema.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
} from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { longTime, soakSections, titleOf, verdictLine, whatWasRun } from "../soak/words.ts";
import { renderTableOf } from "./data-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { html, NOTHING } from "./markup.ts";
import { type Page, renderPage, type Tone } from "./page.ts";
import type { Band, Line } from "./plot.ts";
import { linearScale, type Scale } from "./scale.ts";
import { MOST_SLOTS } from "./theme.ts";

const TONES: Record<SoakReport["verdict"]["kind"], Tone> = {
  steady: "good",
  drifting: "bad",
  failed: "bad",
  undecided: "warning",
};

/** Points of a line; of a longer soak every second row, every third, ... is drawn. */
const MOST_POINTS = 1_000;
const SECONDS_PER_HOUR = 3_600;

interface Measure {
  title: string;
  lines: readonly { name: string; of(row: SoakRow): number | null }[];
  text(value: number | null): string;
}

export function renderSoakPage(report: SoakReport): string {
  return renderPage(soakPage(report));
}

export function soakPage(report: SoakReport): Page {
  const [word, ...tail] = verdictLine(report).split(": ");
  return {
    over: `bench · ${report.startedAt.slice(0, 10)}`,
    headline: titleOf(report),
    lead: whatWasRun(report).map(printable),
    verdict: {
      word: printable(word!),
      tone: TONES[report.verdict.kind],
      reasons: [printable(tail.join(": "))],
    },
    body: [
      ...(report.rows.length < 2 ? [] : [renderFigure(figureOf(report))]),
      ...soakSections(report, paintFor(false)).map(renderTableOf),
      report.notes.length === 0
        ? NOTHING
        : html`<section class="block"><h3>Notes</h3>${report.notes.map((note) => html`<p class="remark">${printable(note)}</p>`)}</section>`,
    ],
  };
}

function figureOf({ rows: all }: SoakReport): Figure {
  const each = Math.ceil(all.length / MOST_POINTS);
  const starts = startsOf(all);
  const rows = all
    .map((row, at) => ({ row, endSeconds: starts[at]! + row.durationSeconds }))
    .filter((_, at) => at % each === 0);
  const x = linearScale(rows.at(-1)!.endSeconds / SECONDS_PER_HOUR, (hours) => `${hours} h`, {
    isTight: true,
  });
  const at = (seconds: number) => x.at(seconds / SECONDS_PER_HOUR);
  const measures = measuresOf(all);
  const bands = segmentBands(all, starts, at);
  return {
    title: "Over the hours",
    caption: each > 1 ? [`One row of ${each} is drawn.`] : [],
    panels: measures.map(({ title, lines, text }, index) => {
      const values = lines.flatMap(({ of }) => rows.map(({ row }) => of(row) ?? 0));
      const y: Scale = linearScale(Math.max(...values), text, { steps: 2 });
      const isLast = index === measures.length - 1;
      return {
        title,
        heightPx: 110,
        x,
        y,
        hasXLabels: isLast,
        xTitle: "since the start, without the time between segments",
        bands: index === 0 ? bands : bands.map((band) => ({ ...band, label: "" })),
        lines: lines.map(({ name, of }, slot): Line => {
          const points = rows.map(({ row, endSeconds }) => {
            const value = of(row);
            return value === null ? null : { x: at(endSeconds), y: y.at(value) };
          });
          return { name, slot: slot + 1, points };
        }),
      };
    }),
    columns: [
      { header: "Row", slot: null },
      { header: "until", slot: null },
      ...measures.flatMap(({ title, lines }) =>
        lines.map(({ name }, slot) => ({ header: `${name} ${title}`, slot: slot + 1 })),
      ),
    ],
    rows: rows.map(({ row, endSeconds }) => ({
      x: at(endSeconds),
      cells: [
        formatCount(row.row),
        longTime(endSeconds),
        ...measures.flatMap(({ lines, text }) => lines.map(({ of }) => text(of(row)))),
      ],
    })),
  };
}

function measuresOf(rows: readonly SoakRow[]): Measure[] {
  const names = <Of extends { name: string }>(of: (row: SoakRow) => readonly Of[]) =>
    [...new Set(rows.flatMap((row) => of(row).map(({ name }) => name)))].slice(0, MOST_SLOTS);
  const ofSeries = (read: (series: SoakRow["series"][number], row: SoakRow) => number | null) =>
    names(({ series }) => series).map((name) => ({
      name: printable(name),
      of(row: SoakRow) {
        const series = row.series.find((each) => each.name === name);
        return series === undefined ? null : read(series, row);
      },
    }));
  const ofMembers = (key: "rssBytes" | "openFiles" | "dbSizeBytes" | "walFsyncP99Ms") =>
    names(({ members }) => members).map((name) => ({
      name: printable(name),
      of: (row: SoakRow) => row.members.find((each) => each.name === name)?.[key] ?? null,
    }));
  const client = (key: "rssBytes" | "openFiles") => ({
    name: "client",
    of: (row: SoakRow) => row.client[key],
  });
  const measures: Measure[] = [
    {
      title: "per second",
      lines: ofSeries(rateOf),
      text: formatRate,
    },
    {
      title: clockedName(
        "p99",
        rows.flatMap(({ series }) => series),
      ),
      lines: ofSeries((series) => judgedLatency(series).p99Ms),
      text: formatDuration,
    },
    {
      title: "RSS",
      lines: [client("rssBytes"), ...ofMembers("rssBytes")].slice(0, MOST_SLOTS),
      text: formatBytes,
    },
    {
      title: "open files",
      lines: [client("openFiles"), ...ofMembers("openFiles")].slice(0, MOST_SLOTS),
      text: formatCount,
    },
    { title: "db size", lines: ofMembers("dbSizeBytes"), text: formatBytes },
    { title: "p99 of WAL fsync", lines: ofMembers("walFsyncP99Ms"), text: formatDuration },
  ];
  return measures
    .map((measure) => ({
      ...measure,
      lines: measure.lines.filter(({ of }) => rows.some((row) => of(row) !== null)),
    }))
    .filter(({ lines }) => lines.length > 0);
}

/** Seconds of load before each row, over all segments. */
function startsOf(rows: readonly SoakRow[]): number[] {
  let seconds = 0;
  return rows.map(({ durationSeconds }) => {
    const start = seconds;
    seconds += durationSeconds;
    return start;
  });
}

/** Where a segment begins anew. */
function segmentBands(
  rows: readonly SoakRow[],
  starts: readonly number[],
  at: (seconds: number) => number,
): Band[] {
  return rows.flatMap(({ segment }, index): Band[] => {
    if (index === 0 || rows[index - 1]!.segment === segment) return [];
    const place = at(starts[index]!);
    return [{ from: place, to: place, tone: "event", label: "resumed" }];
  });
}
