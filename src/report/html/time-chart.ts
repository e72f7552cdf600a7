/**
 * Renders the chart of a run over its time: throughput and p99 of its operations above etcd's CPU,
 * memory and fsync, with phases and events marked in all of them.
 */

import { eventKind } from "../../events/catalogue.ts";
import { clockName, judgedClock } from "../../result/judged-latency.ts";
import { pausedMsWithin, workerPauses } from "../../result/pauses.ts";
import type { EtcdEvent, RunResult } from "../../result/schema.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
} from "../../tables/number-format.ts";
import { printable } from "../../text/visible.ts";
import { eventsWithin } from "../events-within.ts";
import type { Figure } from "./figure.ts";
import { axisDuration } from "./percentile-chart.ts";
import type { Line, Plot } from "./plot.ts";
import { linearScale } from "./scale.ts";
import { MOST_SLOTS } from "./theme.ts";
import { marksOf, signsOf } from "./time-marks.ts";
import { type Timeline, timelineOf } from "./timeline.ts";

/** A series of a panel: a name, and a value for each row of the timeline. */
interface Series {
  name: string;
  values: readonly (number | null)[];
  /** Of each value whether it is only the least that it can be; absent where none is. */
  isLeast?: readonly boolean[];
  /** Of a member. */
  isAfterSilence?: readonly boolean[];
}

interface Measure {
  title: string;
  /** After the series' name, in the table of the data. */
  suffix: string;
  series: readonly Series[];
  /** Else a row without a value only means that a reading fell into the next one. */
  breaksAtGaps: boolean;
  axis(value: number): string;
  cell(value: number | null): string;
}

/** Null where the run was too short for a line. */
export function timeFigure(result: RunResult, title: string, mostRows: number): Figure | null {
  const timeline = timelineOf(result, mostRows);
  if (timeline.rows.length < 2) return null;
  const pauses = result.client.pauses === null ? [] : workerPauses(result.client.pauses);
  const seconds = timeline.rows.map((row) => row.startSeconds + row.durationSeconds / 2);
  const x = linearScale(timeline.endSeconds, axisSeconds, { isTight: true });
  const measures = measuresOf(timeline, result.moments).filter(({ series }) => series.length > 0);
  const bands = marksOf(result, timeline, pauses, x);
  const panels = measures.map(({ title, series, axis, breaksAtGaps }, at): Plot => {
    const max = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
    const isLarge = at < 2;
    const y = linearScale(max, axis, { steps: isLarge ? 4 : 2 });
    const isLast = at === measures.length - 1;
    return {
      title,
      heightPx: isLarge ? 150 : 84,
      x,
      y,
      hasXLabels: isLast,
      xTitle: "since the start of the measured phase",
      // Signs are above the first panel alone; what they mean reaches through all.
      bands: at === 0 ? bands : bands.map((band) => ({ ...band, label: "" })),
      lines: series.map(
        (each, index): Line => ({
          name: each.name,
          slot: index + 1,
          points: (breaksAtGaps ? each.values.map((_, row) => row) : readRows(each, timeline)).map(
            (row) => {
              const value = row === null ? null : each.values[row]!;
              return value === null ? null : { x: x.at(seconds[row!]!), y: y.at(value) };
            },
          ),
        }),
      ),
    };
  });
  return {
    title,
    caption: captionOf(result, timeline),
    panels,
    columns: [
      { header: "Time", slot: null },
      ...measures.flatMap(({ suffix, series }) =>
        series.map(({ name }, index) => ({ header: `${name} ${suffix}`, slot: index + 1 })),
      ),
      ...(result.moments.length > 0 ? [{ header: "events", slot: null }] : []),
      ...(pauses.length > 0 ? [{ header: "client paused", slot: null }] : []),
    ],
    rows: timeline.rows.map(({ startSeconds, durationSeconds }, row) => ({
      x: x.at(seconds[row]!),
      cells: [
        `${startSeconds.toFixed(1)} s`,
        ...measures.flatMap(({ series, cell }) =>
          series.map(({ values, isLeast }) => `${isLeast?.[row] ? ">=" : ""}${cell(values[row]!)}`),
        ),
        ...(result.moments.length > 0
          ? [eventsWithin(result.moments, startSeconds, startSeconds + durationSeconds).join("; ")]
          : []),
        ...(pauses.length > 0
          ? [pausedCell(pausedMsWithin(pauses, startSeconds, startSeconds + durationSeconds))]
          : []),
      ],
    })),
  };
}

function measuresOf({ operations, members }: Timeline, events: readonly EtcdEvent[]): Measure[] {
  const shown = operations
    .toSorted((a, b) => b.operation.requests.succeeded - a.operation.requests.succeeded)
    .slice(0, MOST_SLOTS)
    .sort((a, b) => operations.indexOf(a) - operations.indexOf(b));
  const hasFailures = operations.some(({ failed }) => failed.some((count) => (count ?? 0) > 0));
  const ofOperations = (key: "perSec" | "failed"): Series[] =>
    shown
      .map((each) => ({ name: printable(each.operation.name), values: each[key] }))
      .filter(({ values }) => values.some((value) => value !== null));
  const ofMembers = (key: "rssBytes" | "cpuPercent" | "walFsyncP99Ms"): Series[] =>
    members
      .slice(0, MOST_SLOTS)
      .map((each) => ({
        name: `${printable(each.member)}${each.isLeader ? leaderWords(events) : ""}`,
        values: each[key],
        isAfterSilence: each.isAfterSilence,
      }))
      .filter(({ values }) => values.some((value) => value !== null));
  const clocks = [...new Set(shown.map(({ operation }) => judgedClock(operation)))];
  const clock = clocks.map(clockName).join(" or ");
  const latencies = (key: "p50Ms" | "p99Ms" | "maxMs", suffix: string, title: string): Measure => ({
    title,
    suffix,
    series: shown
      .map((each) => ({
        name: `${printable(each.operation.name)}${clocks.length > 1 ? ` (${judgedClock(each.operation)})` : ""}`,
        ...each[key],
      }))
      .filter(({ values }) => values.some((value) => value !== null)),
    breaksAtGaps: true,
    axis: axisDuration,
    cell: formatDuration,
  });
  return [
    {
      title: "Throughput, requests per second",
      suffix: "/s",
      series: ofOperations("perSec"),
      breaksAtGaps: true,
      axis: axisCount,
      cell: formatRate,
    },
    // A second of few requests carries no p99, but its slowest request is known.
    latencies("p99Ms", "p99", `99th percentile of the ${clock}`),
    latencies("p50Ms", "p50", `Median of the ${clock}`),
    latencies("maxMs", "max", `Slowest request, ${clock}`),
    {
      title: "Failed requests",
      suffix: "failed",
      series: hasFailures ? ofOperations("failed") : [],
      breaksAtGaps: true,
      axis: axisCount,
      cell: formatCount,
    },
    {
      title: "etcd: CPU, of one core",
      suffix: "CPU",
      series: ofMembers("cpuPercent"),
      breaksAtGaps: false,
      axis: (value) => `${value}%`,
      cell: formatPercent,
    },
    {
      title: "etcd: resident memory",
      suffix: "RSS",
      series: ofMembers("rssBytes"),
      breaksAtGaps: false,
      axis: axisBytes,
      cell: formatBytes,
    },
    {
      title: "etcd: 99th percentile of WAL fsync",
      suffix: "fsync p99",
      series: ofMembers("walFsyncP99Ms"),
      breaksAtGaps: false,
      axis: axisDuration,
      cell: formatDuration,
    },
  ];
}

/** A figure that a member does not tell for so long, and for so many rows, is not known between. */
const UNKNOWN_SECONDS = 3;
const UNKNOWN_ROWS = 2;

/** The rows that have the figure, and null where a line between two of them would lie. */
function readRows({ values, isAfterSilence = [] }: Series, { rows }: Timeline): (number | null)[] {
  const read: (number | null)[] = [];
  let last: number | null = null;
  for (const [row, value] of values.entries()) {
    if (value === null) continue;
    if (last !== null) {
      const unknownSeconds = rows[row]!.startSeconds - rows[last]!.startSeconds;
      const isUnknown = row - last > UNKNOWN_ROWS && unknownSeconds >= UNKNOWN_SECONDS;
      if (isUnknown || isAfterSilence.slice(last + 1, row + 1).includes(true)) read.push(null);
    }
    read.push(row);
    last = row;
  }
  return read;
}

/** The leader is known as it was when the run began. */
function leaderWords(events: readonly EtcdEvent[]): string {
  const isChanged = events.some(({ kind }) => eventKind(kind).changesLeader);
  return isChanged ? " (leader at the start)" : " (leader)";
}

function pausedCell(pausedMs: number): string {
  return pausedMs === 0 ? "" : formatDuration(pausedMs);
}

function captionOf({ moments, operations, client }: RunResult, timeline: Timeline): string[] {
  const signs = signsOf(moments, (client.pauses?.count ?? 0) > 0);
  const hidden = operations.length - Math.min(operations.length, MOST_SLOTS);
  return [
    ...(signs.length > 0 ? [`Marked: ${signs.join(", ")}.`] : []),
    ...(timeline.intervalsPerRow > 1
      ? [
          `Up to ${timeline.intervalsPerRow} intervals are put together in a point: their rate, and their largest p99.`,
        ]
      : []),
    ...(timeline.operations.some(({ maxMs }) => maxMs.isLeast.includes(true))
      ? [
          "Where requests have no latency (failed, timed out, never sent) the least that it can be is drawn.",
        ]
      : []),
    ...(hidden > 0 ? [`${hidden} operations with fewer requests are left out here.`] : []),
  ];
}

function axisSeconds(seconds: number): string {
  return seconds !== 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** `20k`: ticks are round. */
export function axisCount(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))}M`;
  return count >= 1e4 ? `${Number((count / 1e3).toPrecision(3))}k` : formatCountExactly(count);
}

function formatCountExactly(count: number): string {
  return Number.isInteger(count) ? formatCount(count) : String(count);
}

function axisBytes(bytes: number): string {
  if (bytes === 0) return "0";
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
}
