/** Owns a list of saved files as a person reads it in a terminal: the newest stands last. */
import type { ListedEntry, Listing } from "../../listing/listing.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import { FIGURE_COLUMNS, LISTING_HEADERS, listingRow, listingSummary } from "./rows.ts";

export function renderListingTable(listing: Listing, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const summary = printable(listingSummary(listing));
  if (listing.entries.length === 0) return `${summary}\n`;
  const columns = LISTING_HEADERS.map(
    (header, at): Column<ListedEntry> => ({
      header: [header],
      align: FIGURE_COLUMNS.includes(at) ? "right" : "left",
      cell: (entry) => {
        const text = printable(listingRow(entry)[at]!);
        return entry.error === null ? text : paint.warning(text);
      },
    }),
  );
  // However narrow the terminal: a thousand results turned into columns can be read by nobody.
  return `${renderGrid(columns, listing.entries, { ...options, widthColumns: null })}\n\n${summary}\n`;
}
