/** Prints a list of saved files in a terminal, within its width; the newest is last. */
import type { ListedEntry, Listing } from "../../listing/listing.ts";
import { renderGrid } from "../../tables/grid.ts";
import { ABSENT } from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { cutToWidth, widthOf } from "../../text/width.ts";
import type { ReportOptions } from "../format.ts";
import { FIGURE_COLUMNS, LISTING_HEADERS, listingRow, listingSummary } from "./rows.ts";

type Header = (typeof LISTING_HEADERS)[number];

interface ListColumn {
  header: Header;
  isFigure: boolean;
  /** A text for each entry. */
  cells: string[];
}

const GAP_COLUMNS = 2;
/** In this order columns are given up where a terminal is too narrow for all. */
const LEAST_NEEDED: readonly Header[] = [
  ...(["clock", "clients", "conns", "etcd", "labels", "file", "p99"] as const),
];
/** These are cut before any column is given up, to no less than this many characters. */
const CUT_FIRST: readonly Header[] = ["labels", "what", "file"];
const LEAST_CHARACTERS = 16;

export function renderListingTable(listing: Listing, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const summary = printable(listingSummary(listing));
  const { entries } = listing;
  if (entries.length === 0) return `${summary}\n`;
  const columns = columnsWithin(columnsOf(entries), options.widthColumns);
  const grid = renderGrid(
    columns.map(({ header, isFigure, cells }) => ({
      header: [header],
      align: isFigure ? ("right" as const) : ("left" as const),
      cell: (at: number) => (entries[at]!.error === null ? cells[at]! : paint.warning(cells[at]!)),
    })),
    [...entries.keys()],
    // Rows stay rows: a thousand results turned into columns cannot be read.
    { ...options, widthColumns: null },
  );
  // A row may have room for a part of it alone.
  const errors = entries.flatMap(({ error }) => (error === null ? [] : [printable(error)]));
  const below = options.widthColumns === null ? [] : errors.map(paint.warning);
  return `${[grid, "", summary, ...below].join("\n")}\n`;
}

function columnsOf(entries: readonly ListedEntry[]): ListColumn[] {
  const rows = entries.map((entry) => listingRow(entry).map(printable));
  return LISTING_HEADERS.map((header, at) => ({
    header,
    isFigure: FIGURE_COLUMNS.includes(at),
    cells: rows.map((row) => row[at]!),
  }));
}

/** What fits: texts are cut first, then columns given up. `widthColumns` null: all of it. */
function columnsWithin(all: readonly ListColumn[], widthColumns: number | null): ListColumn[] {
  // A column without any value says nothing, at any width.
  const filled = all.filter(({ cells }) => cells.some((text) => text !== ABSENT));
  if (widthColumns === null) return filled;
  for (let given = 0; ; given++) {
    const gone = LEAST_NEEDED.slice(0, given);
    const columns = filled.filter(({ header }) => !gone.includes(header));
    const cut = cutToFit(columns, widthColumns);
    if (widthOfAll(cut) <= widthColumns || given === LEAST_NEEDED.length) return cut;
  }
}

function cutToFit(columns: readonly ListColumn[], widthColumns: number): ListColumn[] {
  return CUT_FIRST.reduce<ListColumn[]>(
    (cut, header) =>
      cut.map((column) =>
        column.header === header ? cutBy(column, widthOfAll(cut) - widthColumns) : column,
      ),
    [...columns],
  );
}

function widthOfColumn({ header, cells }: ListColumn): number {
  return Math.max(header.length, ...cells.map(widthOf));
}

function widthOfAll(columns: readonly ListColumn[]): number {
  return columns.reduce((sum, column) => sum + widthOfColumn(column) + GAP_COLUMNS, -GAP_COLUMNS);
}

function cutBy(column: ListColumn, characters: number): ListColumn {
  if (characters <= 0) return column;
  const width = Math.max(LEAST_CHARACTERS, widthOfColumn(column) - characters);
  // The end of a path is the name of the file.
  const cut = column.header === "file" ? cutAtBegin : cutToWidth;
  return { ...column, cells: column.cells.map((text) => cut(text, width)) };
}

function cutAtBegin(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = text;
  while (widthOf(cut) > columns - 1) cut = cut.slice(1);
  return `…${cut}`;
}
