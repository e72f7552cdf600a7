/** Words and cells of a report on memory, which its table and markdown share. */
import type { Cost, MemoryReport, PublishedRow, ThingCost } from "../../memory/report-schema.ts";
import type { Column } from "../../tables/grid.ts";
import { ABSENT, formatBytes, formatCount, formatRatio } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";

export function titleOf({ endpoint, etcdVersion }: MemoryReport): string {
  return `What etcd${etcdVersion === null ? "" : ` ${etcdVersion}`} at ${endpoint} needs of memory`;
}

export function whatWasRun({
  base,
  keySizeBytes,
  valSizeBytes,
  ...report
}: MemoryReport): string[] {
  const collected = report.hasForcedCollection
    ? "after a garbage collection"
    : "without a forced garbage collection";
  return [
    `Before anything was added: RSS ${formatBytes(base.rssBytes)}, heap ${formatBytes(base.heapBytes)}, ${formatCount(base.goroutines)} goroutines`,
    `Keys of ${keySizeBytes} B, values of ${valSizeBytes} B; each reading ${collected}`,
    ...(report.status === "interrupted" ? ["Interrupted: the rest was not measured"] : []),
  ];
}

export function memorySections(report: MemoryReport): TableSection[] {
  const sections = [
    costSection(report.things),
    watchSection(report),
    storageSection(report, "index", "Storage: heap of the index, published and by these costs"),
    storageSection(report, "storage", "Storage: RSS, published and by these costs"),
  ];
  return sections.filter((section) => section !== null);
}

function costSection(things: readonly ThingCost[]): TableSection {
  const columns: Column<ThingCost>[] = [
    { header: ["One"], align: "left", cell: ({ thing }) => thing },
    { header: ["added"], cell: ({ readings }) => formatCount(readings.at(-1)?.added ?? null) },
    { header: ["heap"], cell: ({ heapBytes }) => eachText(heapBytes) },
    { header: ["95% interval"], cell: ({ heapBytes }) => intervalText(heapBytes) },
    { header: ["stacks"], cell: ({ stackBytes }) => eachText(stackBytes) },
    { header: ["RSS"], cell: ({ rssBytes }) => eachText(rssBytes) },
    { header: ["95% interval"], cell: ({ rssBytes }) => intervalText(rssBytes) },
    {
      header: ["goroutines"],
      cell: ({ goroutines }) =>
        goroutines === null ? ABSENT : withoutMinusZero(goroutines.each.toFixed(1)),
    },
    {
      header: ["published"],
      cell: ({ published }) =>
        published === null ? ABSENT : `${formatBytes(published.bytes)} ${published.figure}`,
    },
  ];
  const sources = things.flatMap(({ published }) => published?.source ?? []);
  return tableSection("Memory of one", columns, things, {
    remarks: [
      "Theil and Sen's slopes over the readings. RSS grows in larger pieces than the heap, and keeps memory that the heap has freed.",
      ...things.map(({ thing, describe }) => `${thing}: ${describe}`),
      ...[...new Set(sources)].map((source) => `Published: ${source}`),
    ],
  });
}

function watchSection({ published }: MemoryReport): TableSection | null {
  const rows = published.filter(({ table }) => table === "watchers");
  if (rows.length === 0) return null;
  return tableSection(
    "Watchers: RSS, published and by these costs",
    [
      countColumn(["clients"], "clients"),
      countColumn(["streams", "per client"], "streamsPerClient"),
      countColumn(["watchers", "per stream"], "watchersPerStream"),
      countColumn(["watchers"], "watchers"),
      ...comparedColumns("out of memory"),
    ],
    rows,
    { remarks: unknownCosts(rows) },
  );
}

function storageSection(
  { published }: MemoryReport,
  which: PublishedRow["table"],
  title: string,
): TableSection | null {
  const rows = published.filter(({ table }) => table === which);
  if (rows.length === 0) return null;
  return tableSection(
    title,
    [
      countColumn(["keys"], "keys"),
      countColumn(["revisions", "per key"], "revisionsPerKey"),
      ...comparedColumns(ABSENT),
    ],
    rows,
    { remarks: unknownCosts(rows) },
  );
}

function unknownCosts(rows: readonly PublishedRow[]): string[] {
  return rows.some(({ estimatedBytes }) => estimatedBytes === null)
    ? [
        "No estimate where the cost of one is not known, or its interval reaches 0: add more of each (--of).",
      ]
    : [];
}

function countColumn(header: string[], name: string): Column<PublishedRow> {
  return { header, cell: ({ counts }) => formatCount(counts[name] ?? null) };
}

/** @param none what is shown where nothing is published */
function comparedColumns(none: string): Column<PublishedRow>[] {
  return [
    {
      header: ["published"],
      cell: ({ publishedBytes }) => (publishedBytes === null ? none : formatBytes(publishedBytes)),
    },
    { header: ["by these", "costs"], cell: (row) => formatBytes(estimateOf(row)) },
    {
      header: ["ratio"],
      cell: (row) => {
        const [published, estimated] = [row.publishedBytes, estimateOf(row)];
        const isKnown = published !== null && estimated !== null;
        return formatRatio(isKnown ? estimated / published : null);
      },
    },
  ];
}

/** Null for one of a report of earlier versions that adds up to less than nothing. */
function estimateOf({ estimatedBytes }: PublishedRow): number | null {
  return estimatedBytes !== null && estimatedBytes < 0 ? null : estimatedBytes;
}

/** A thing that takes less than nothing is one whose cost is not known. */
function eachText(cost: Cost | null): string {
  const text = cost === null ? ABSENT : signedBytes(cost.each);
  return text.startsWith("-") ? ABSENT : text;
}

function intervalText(cost: Cost | null): string {
  if (cost === null || cost.low === null || cost.high === null) return ABSENT;
  return `${signedBytes(cost.low)} to ${signedBytes(cost.high)}`;
}

function signedBytes(bytes: number): string {
  return withoutMinusZero(bytes < 0 ? `-${formatBytes(-bytes)}` : formatBytes(bytes));
}

/** What rounds to nothing has no sign. */
function withoutMinusZero(text: string): string {
  return text.replace(/^-(?=[0.]*\D*$)/, "");
}
