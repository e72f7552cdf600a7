/**
 * Lays out tables: cli-table3 without frames, a rule under the headers, and where they do not fit the
 * terminal, columns turned into rows or long cells below their rows.
 */
import Table from "cli-table3";
import { widthOf, wrapToWidth } from "../text/width.ts";
import { ABSENT } from "./number-format.ts";
import { paintFor } from "./paint.ts";

/** Where a table is printed. */
export interface TableOptions {
  /** Whether ANSI colour may be used; the caller knows the stream and the environment. */
  color: boolean;
  /** Of the terminal; null where there is none, and no line needs to fit. */
  widthColumns: number | null;
}

export interface Column<Row> {
  /** A line of the header each. */
  header: readonly string[];
  /** Right, the default, is for numbers; left for names. */
  align?: "left" | "right";
  cell(row: Row): string;
}

const GAP = "  ";
/** Of fewer columns nothing is to be read in a line. */
const LEAST_LAST_COLUMN = 24;
const NO_FRAME = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: GAP,
};

/** What a table says, before any format lays it out. */
export interface Grid {
  columns: readonly Pick<Column<never>, "header" | "align">[];
  /** A cell for each column. */
  rows: readonly (readonly string[])[];
}

export function gridOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Grid {
  return { columns, rows: rows.map((row) => columns.map((column) => column.cell(row))) };
}

/** Lines without a newline at the end. */
export function renderGrid<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string {
  return layOutGrid(gridOf(columns, rows), options);
}

/** The same of a grid whose cells are known. */
export function layOutGrid({ columns, rows }: Grid, options: TableOptions): string {
  const headerLines = Math.max(...columns.map((column) => column.header.length));
  const head = columns.map(({ header }) => {
    // Names are at the bottom, next to their figures.
    return [...Array<string>(headerLines - header.length).fill(""), ...header].join("\n");
  });
  const aligns = columns.map((column) => column.align ?? "right");
  // A cell is one line, whatever a server or a file has put into it.
  const cells = rows.map((row) => row.map((cell) => cell.replace(/[\r\n]+/g, " ")));
  const upright = layOut([head, ...cells], aligns);
  const width = longest(upright);
  if (options.widthColumns === null || width <= options.widthColumns) {
    return withRule(upright, headerLines, width, options);
  }
  const turned = columns.map(({ header }, at) => [
    header.join(" "),
    ...cells.map((row) => row[at]!),
  ]);
  const lines = layOut(turned, ["left", ...rows.map(() => "right" as const)]);
  return longest(lines) < width ? lines.join("\n") : withRule(upright, headerLines, width, options);
}

/**
 * The same, with columns that do not fit the terminal as lines below each row; the widest go first. Of the
 * last column the long cells alone go there, where the others leave room for the rest of it.
 */
export function layOutLongGrid({ columns, rows: given }: Grid, options: TableOptions): string {
  const room = options.widthColumns ?? Number.POSITIVE_INFINITY;
  const { rows, long } = withoutLongCells({ columns, rows: given }, room);
  const widths = columns.map(({ header }, at) =>
    longest([...header, ...rows.map((cells) => cells[at]!)]),
  );
  const kept = new Set(columns.keys());
  while (kept.size > 1 && widthOfColumns(widths, kept) > room) {
    const [, ...movable] = [...kept];
    kept.delete(movable.toSorted((one, other) => widths[other]! - widths[one]!)[0]!);
  }
  const upright = {
    columns: columns.filter((_, at) => kept.has(at)),
    rows: rows.map((cells) => cells.filter((_, at) => kept.has(at))),
  };
  const lines = layOutGrid(upright, { ...options, widthColumns: null }).split("\n");
  const below = rows.map((cells, row) =>
    columns.flatMap(({ header }, at) => {
      const cell = (at === columns.length - 1 ? long.get(row) : undefined) ?? cells[at]!;
      const isShown = kept.has(at) && cell === cells[at];
      return isShown || cell === ABSENT ? [] : linesBelow(header, cell, room);
    }),
  );
  const head = lines.splice(0, lines.length - rows.length);
  return [...head, ...lines.flatMap((line, at) => [line, ...below[at]!])].join("\n");
}

/** `long`: the cells of the last column that are wider than what the others leave of the room, by their row. */
function withoutLongCells(
  { columns, rows }: Grid,
  room: number,
): { rows: Grid["rows"]; long: ReadonlyMap<number, string> } {
  const at = columns.length - 1;
  const others = columns
    .slice(0, at)
    .map(({ header }, column) => longest([...header, ...rows.map((cells) => cells[column]!)]));
  const left = room - others.reduce((sum, width) => sum + width + GAP.length, 0);
  const long = new Map(
    rows.flatMap((cells, row): [number, string][] =>
      widthOf(cells[at]!) > left ? [[row, cells[at]!]] : [],
    ),
  );
  if (left < LEAST_LAST_COLUMN || long.size === rows.length) return { rows, long: new Map() };
  return { rows: rows.map((cells, row) => (long.has(row) ? cells.with(at, "") : cells)), long };
}

function widthOfColumns(widths: readonly number[], shown: ReadonlySet<number>): number {
  return widths.reduce(
    (sum, width, at) => (shown.has(at) ? sum + width + GAP.length : sum),
    -GAP.length,
  );
}

function linesBelow(header: readonly string[], cell: string, room: number): string[] {
  const [first, ...rest] = wrapToWidth(`${header.join(" ")}: ${cell}`, room - 2 * GAP.length);
  return [`${GAP}${first}`, ...rest.map((line) => `${GAP}${GAP}${line}`)];
}

function layOut(cells: readonly (readonly string[])[], aligns: ("left" | "right")[]): string[] {
  const table = new Table({
    chars: NO_FRAME,
    colAligns: aligns,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...cells.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

function withRule(
  lines: string[],
  headerLines: number,
  width: number,
  { color }: TableOptions,
): string {
  const paint = paintFor(color);
  const head = lines.slice(0, headerLines).map(paint.bold);
  return [...head, paint.dim("─".repeat(width)), ...lines.slice(headerLines)].join("\n");
}

function longest(lines: string[]): number {
  return Math.max(...lines.map(widthOf));
}
