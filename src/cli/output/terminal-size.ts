/** The size of a terminal; one that knows none says 0 columns and rows. */

export interface SizedStream {
  columns?: number;
  rows?: number;
}

const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/** Null where it is no terminal, or knows none. */
export function columnsOf(stream: SizedStream): number | null {
  return stream.columns || null;
}

/** The usual ones where it knows none. */
export function sizeOf(stream: SizedStream): { columns: number; rows: number } {
  return { columns: columnsOf(stream) ?? USUAL_COLUMNS, rows: stream.rows || USUAL_ROWS };
}
