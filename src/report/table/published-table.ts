/**
 * Renders the tables in the columns of etcd's published figures, one for each kind of operation, with
 * percentiles and the published rate in addition where a row matches.
 */

import { ownKeySpace } from "../../plan/own-key-space.ts";
import { isAnyPaced, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { LatencyFigure, OperationResult, RunResult } from "../../result/schema.ts";
import { usedMembers } from "../../result/used-members.ts";
import { type LoadShape, loadShape } from "../../saved/load-shape.ts";
import { findPublished, type PublishedRow } from "../../saved/published.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns, labelled } from "../../tables/labels.ts";
import { latencyMsText } from "../../tables/latency-text.ts";
import {
  formatCount,
  formatMegabytes,
  formatRate,
  formatRatio,
} from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { renderTableSection, type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { WORKLOADS, workloadNamed } from "../../workloads/catalogue.ts";
import type { PublishedTable } from "../../workloads/definition.ts";
import type { ReportOptions } from "../format.ts";
import { brokenLaw, lawRemarks } from "./published-law.ts";

interface Row {
  run: LabelledRun;
  operation: OperationResult;
  shape: LoadShape;
  published: PublishedRow | null;
}

/** In the columns that etcd publishes. */
function columnsOf({ verb, counted, tells }: PublishedTable): Column<Row>[] {
  const number = counted === "keys" ? ["Number", "of keys"] : ["Number", "of re-", "quests"];
  return [
    { header: number, cell: countOf },
    ...sizeColumns(),
    ...clientColumns(),
    TOLD[tells],
    ...figureColumns(verb),
  ];
}

const TOLD: Record<PublishedTable["tells"], Column<Row>> = {
  target: { header: ["Target", "etcd", "server"], align: "left", cell: targetText },
  consistency: {
    header: ["Consis-", "tency"],
    align: "left",
    cell: ({ shape }) => shape.consistency ?? "-",
  },
};

/** Of operations that have no published table of their own. */
const OTHER_COLUMNS: Column<Row>[] = [
  { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
  { header: ["Number"], cell: countOf },
  ...sizeColumns(),
  ...clientColumns(),
  ...measuredColumns([]),
];

/**
 * One table for each kind of operation, one line for each operation: first the published rows, in
 * the order of the published tables, then the rest as given.
 */
export function renderPublishedTables(
  results: readonly RunResult[],
  options: ReportOptions,
): string {
  const paint = paintFor(options.color);
  return publishedSections(labelled(results))
    .map((section) => renderTableSection(section, options, paint))
    .join("\n\n");
}

/** Whether every operation of the runs has a row of the published tables. */
export function areAllPublished(runs: readonly LabelledRun[]): boolean {
  return runs.every(({ result }) =>
    result.operations.every((operation) => findPublished(result, operation) !== null),
  );
}

/** Whether any operation of the runs has a row of the published tables. */
export function isAnyPublished(runs: readonly LabelledRun[]): boolean {
  return runs.some(({ result }) =>
    result.operations.some((operation) => findPublished(result, operation) !== null),
  );
}

export function publishedSections(runs: readonly LabelledRun[]): TableSection[] {
  const rows = runs.flatMap((run) =>
    run.result.operations.map((operation) => ({
      run,
      operation,
      shape: loadShape(run.result, operation),
      published: findPublished(run.result, operation),
    })),
  );
  const position = (row: Row) => row.published?.position ?? Number.POSITIVE_INFINITY;
  const sorted = rows
    .filter(({ shape }) => shape.isInRateTables)
    .toSorted((a, b) => Math.sign(position(a) - position(b)) || 0);
  const sections: TableSection[] = [];
  const add = (title: string, columns: Column<Row>[], ofKind: Row[]) => {
    if (ofKind.length === 0) return;
    const all = [...labelColumns(runs), ...withClock(columns, ofKind)];
    sections.push(tableSection(title, all, ofKind, { remarks: remarks(ofKind) }));
  };
  const tables = WORKLOADS.filter(({ publishedTable }) => publishedTable !== null);
  for (const { name, publishedTable } of tables) {
    const { title } = publishedTable!;
    const ofKind = sorted.filter(({ shape }) => shape.kind === name);
    add(title, columnsOf(publishedTable!), ofKind);
  }
  const published = new Set(tables.map(({ name }) => name));
  add(
    "Operations",
    OTHER_COLUMNS,
    sorted.filter((row) => !published.has(row.shape.kind)),
  );
  return sections;
}

function sizeColumns(): Column<Row>[] {
  const size = (bytes: number, { shape }: Row) => (shape.knownSizes ? formatCount(bytes) : "-");
  return [
    { header: ["Key", "size", "(B)"], cell: (row) => size(row.shape.keySizeBytes, row) },
    {
      header: ["Value", "size", "(B)"],
      cell: (row) => {
        const bytes = size(row.shape.valSizeBytes, row);
        return row.shape.valueSize === null ? bytes : `mean ${bytes}`;
      },
    },
  ];
}

function clientColumns(): Column<Row>[] {
  return [
    { header: ["Conns"], cell: ({ shape }) => formatCount(shape.connections) },
    { header: ["Clients"], cell: ({ shape }) => formatCount(shape.clients) },
  ];
}

function figureColumns(verb: "read" | "write"): Column<Row>[] {
  return [
    ...measuredColumns([verb]),
    {
      header: ["Pub-", "lished", "QPS"],
      cell: ({ published }) => {
        const rate = formatRate(published?.operation.throughputPerSec ?? null);
        return published !== null && brokenLaw(published) !== null ? `*${rate}` : rate;
      },
    },
    { header: ["Ratio"], cell: (row) => formatRatio(ratioToPublished(row)) },
  ];
}

function measuredColumns(verb: string[]): Column<Row>[] {
  return [
    {
      header: ["Average", ...verb, "QPS"],
      cell: ({ operation }) => formatRate(operation.throughputPerSec),
    },
    figure(["Average", "latency", "(ms)"], "meanMs"),
    {
      header: ["Server", "RSS", "(MB)"],
      cell: ({ run }) => formatMegabytes(meanServerRssBytes(run.result)),
    },
    figure(["p50", "(ms)"], "p50Ms"),
    figure(["p99", "(ms)"], "p99Ms"),
    figure(["p99.9", "(ms)"], "p999Ms"),
  ];
}

function figure(header: string[], field: LatencyFigure): Column<Row> {
  return { header, cell: ({ operation }) => latencyMsText(judgedLatency(operation), field) };
}

/** Left out where all rows are closed loops, which have one clock alone. */
const CLOCK_COLUMN: Column<Row> = {
  header: ["Latency", "clock"],
  align: "left",
  cell: ({ operation }) => judgedClock(operation),
};

function withClock(columns: readonly Column<Row>[], rows: readonly Row[]): Column<Row>[] {
  if (!isAnyPaced(rows.map(({ operation }) => operation))) return [...columns];
  const at = columns.findIndex(({ header }) => header[0] === "Average" && header[1] === "latency");
  return [...columns.slice(0, at), CLOCK_COLUMN, ...columns.slice(at)];
}

/** The members that got requests over the load's connections; rows are matched by the plan and not by this. */
function targetText({ run, shape }: Row): string {
  const { target } = run.result;
  const used = usedMembers(target);
  if (shape.target === "leader" || used === null) return shape.target;
  if (!used.areMembers) return formatNoun(used.count, "endpoint");
  const all = target.members.length;
  const isPart = all > 1 && used.count < all;
  return isPart ? `${used.count} of ${all} members` : shape.target;
}

function countOf({ operation }: Row): string {
  return formatCount(operation.requests.succeeded);
}

/** Over the members whose metrics could be read; null without any. */
export function meanServerRssBytes({ server }: RunResult): number | null {
  const known = server.map((member) => member.rssMeanBytes).filter((bytes) => bytes !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, bytes) => sum + bytes, 0) / known.length;
}

/** Below these a rate is mostly that of starting, and a ratio of it would say nothing of etcd. */
const LEAST_SECONDS = 1;
const LEAST_REQUESTS_PER_CLIENT = 10;

function isTooShort({ operation, shape }: Row): boolean {
  const { durationSeconds, requests } = operation;
  return (
    durationSeconds < LEAST_SECONDS ||
    requests.succeeded < shape.clients * LEAST_REQUESTS_PER_CLIENT
  );
}

function ratioToPublished(row: Row): number | null {
  if (isTooShort(row)) return null;
  const { operation, published } = row;
  const publishedPerSec = published?.operation.throughputPerSec;
  if (!publishedPerSec || operation.throughputPerSec === null) return null;
  return operation.throughputPerSec / publishedPerSec;
}

function remarks(rows: readonly Row[]): string[] {
  const lines: string[] = [];
  const keySpaces = new Set<number>();
  for (const { run, operation } of rows) {
    const { workload } = run.result.plan;
    if (workloadNamed(workload.kind).publishedTable?.counted !== "keys") continue;
    const keySpaceSize = ownKeySpace(workload)?.keySpaceSize;
    if (keySpaceSize !== undefined && keySpaceSize < operation.requests.succeeded)
      keySpaces.add(keySpaceSize);
  }
  if (keySpaces.size > 0) {
    const spaces = [...keySpaces].map((size) => formatNoun(size, "distinct key")).join(" or ");
    lines.push(`Number of keys counts the puts, as published; they went to ${spaces}.`);
  }
  const sources = new Set(
    rows.flatMap(({ published }) => (published === null ? [] : [source(published)])),
  );
  if (rows.some((row) => ratioToPublished(row) !== null)) {
    lines.push(`Ratio: measured over published QPS (${[...sources].join("; ")}).`);
  }
  if (rows.some((row) => row.published !== null && isTooShort(row))) {
    lines.push(
      `No ratio for runs of less than ${LEAST_SECONDS} s or fewer than ${LEAST_REQUESTS_PER_CLIENT} requests a ` +
        "client: they are too short to be compared with published figures.",
    );
  }
  lines.push(...lawRemarks(rows.map(({ published }) => published)));
  return lines;
}

function source({ result }: PublishedRow): string {
  const { cpuModel } = result.environment;
  return `etcd ${result.target.version}, client: ${cpuModel}`;
}
