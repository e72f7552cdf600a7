/** Prints a list of saved files in Markdown. */
import type { Listing } from "../../listing/listing.ts";
import { markdownSections, markdownTable, markdownText } from "../markdown-text.ts";
import { FIGURE_COLUMNS, LISTING_HEADERS, listingRow, listingSummary } from "./rows.ts";

export function renderListingMarkdown(listing: Listing): string {
  // Names are left of all figures, as its tables have them.
  const order = [...LISTING_HEADERS.keys()].sort(
    (a, b) => Number(FIGURE_COLUMNS.includes(a)) - Number(FIGURE_COLUMNS.includes(b)),
  );
  const ordered = (cells: readonly string[]) => order.map((at) => cells[at]!);
  const names = LISTING_HEADERS.length - FIGURE_COLUMNS.length;
  const rows = listing.entries.map((entry) => ordered(listingRow(entry)));
  return markdownSections([
    rows.length === 0 ? "" : markdownTable(ordered(LISTING_HEADERS), rows, names),
    markdownText(listingSummary(listing)),
  ]);
}
