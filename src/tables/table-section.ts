/**
 * Owns what the tables of a report have in common: a title, a grid and what must be said below it.
 * What they say is decided once; each format lays them out in its own way.
 */
import { type Column, type Grid, gridOf, layOutGrid, type TableOptions } from "./grid.ts";
import type { Paint } from "./paint.ts";

export interface TableSection {
  title: string;
  /** Null where the remarks say it all. */
  grid: Grid | null;
  remarks: readonly string[];
  /** Tells of failures. */
  isAlarm: boolean;
  /** Cells too long to be turned into rows. */
  keepsUpright: boolean;
}

export function tableSection<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  rest: Partial<Pick<TableSection, "remarks" | "isAlarm" | "keepsUpright">> = {},
): TableSection {
  const grid = rows.length === 0 ? null : gridOf(columns, rows);
  return { title, grid, remarks: [], isAlarm: false, keepsUpright: false, ...rest };
}

/** Lines without a newline at the end. */
export function renderTableSection(
  { title, grid, remarks, isAlarm, keepsUpright }: TableSection,
  options: TableOptions,
  paint: Paint,
): string {
  const shown = keepsUpright ? { ...options, widthColumns: null } : options;
  return [
    paint.bold(isAlarm ? paint.bad(title) : title),
    ...(grid === null ? [] : [layOutGrid(grid, shown)]),
    ...remarks,
  ].join("\n");
}
