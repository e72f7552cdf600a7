/**
 * Defines a section of a report: a title, a table and remarks below it. Its content is decided once;
 * each format lays it out in its own way.
 */
import {
  type Column,
  type Grid,
  gridOf,
  layOutGrid,
  layOutLongGrid,
  type TableOptions,
} from "./grid.ts";
import { ABSENT } from "./number-format.ts";
import type { Paint } from "./paint.ts";

export interface TableSection {
  title: string;
  /** Null: the section has remarks alone. */
  grid: Grid | null;
  remarks: readonly string[];
  /** Lists failures. */
  isAlarm: boolean;
  /** Cells too long to be turned into rows: what does not fit is below its row. */
  keepsUpright: boolean;
}

/** A column without a figure in any row is left out. */
export function tableSection<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  rest: Partial<Pick<TableSection, "remarks" | "isAlarm" | "keepsUpright">> = {},
): TableSection {
  const grid = rows.length === 0 ? null : withoutEmptyColumns(gridOf(columns, rows));
  return { title, grid, remarks: [], isAlarm: false, keepsUpright: false, ...rest };
}

function withoutEmptyColumns({ columns, rows }: Grid): Grid {
  const isShown = columns.map((_, at) => rows.some((cells) => !["", ABSENT].includes(cells[at]!)));
  return {
    columns: columns.filter((_, at) => isShown[at]),
    rows: rows.map((cells) => cells.filter((_, at) => isShown[at])),
  };
}

/** Lines without a newline at the end. */
export function renderTableSection(
  { title, grid, remarks, isAlarm, keepsUpright }: TableSection,
  options: TableOptions,
  paint: Paint,
): string {
  const layOut = keepsUpright ? layOutLongGrid : layOutGrid;
  return [
    paint.bold(isAlarm ? paint.bad(title) : title),
    ...(grid === null ? [] : [layOut(grid, options)]),
    ...remarks,
  ].join("\n");
}
