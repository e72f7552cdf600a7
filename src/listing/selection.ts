/** Selects the entries of a list: by label, by what was measured, by date, and without published rows. */
import type { Listed } from "./listed.ts";
import type { Listing } from "./listing.ts";

export interface ListingSelection {
  /** All of them; a label without a value is there, whatever it is. */
  labels: readonly (readonly [name: string, value: string | null])[];
  /** One of them: workloads, `comparison` or `trend`; empty: all. */
  commands: readonly string[];
  /** ISO 8601, UTC; null: no bound. */
  since: string | null;
  /** Exclusive. */
  until: string | null;
  hasPublished: boolean;
}

/** Files that cannot be read are listed unless something is selected. */
export function selectedListing(listing: Listing, selection: ListingSelection): Listing {
  const { labels, commands, since, until, hasPublished } = selection;
  const selects = labels.length + commands.length > 0 || since !== null || until !== null;
  const found = listing.entries.filter(({ listed }) =>
    listed === null ? !selects : isSelected(listed, selection),
  );
  const shown = hasPublished ? found : found.filter(({ listed }) => !isPublished(listed));
  return { ...listing, entries: shown, publishedHidden: found.length - shown.length };
}

function isSelected(listed: Listed, { labels, commands, since, until }: ListingSelection): boolean {
  const command = listed.kind === "result" ? listed.workload : listed.kind;
  return (
    (commands.length === 0 || commands.includes(command)) &&
    labels.every(([name, value]) => {
      if (!Object.hasOwn(listed.labels, name)) return false;
      return value === null || listed.labels[name] === value;
    }) &&
    (since === null || listed.startedAt >= since) &&
    (until === null || listed.startedAt < until)
  );
}

function isPublished(listed: Listed | null): boolean {
  return listed?.kind === "result" && listed.isPublished;
}
