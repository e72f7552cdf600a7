/** The cells of a list of saved files, the same in every format. */
import type { Listed } from "../../listing/listed.ts";
import type { ListedEntry, Listing } from "../../listing/listing.ts";
import { ABSENT, formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";

export const LISTING_HEADERS = [
  "started (UTC)",
  "what",
  "conns",
  "clients",
  "etcd",
  "requests/s",
  "p99",
  "clock",
  "verdict",
  "labels",
  "file",
] as const;

/** Of the columns above, those that hold figures, and the clock of one. */
export const FIGURE_COLUMNS: readonly number[] = [2, 3, 5, 6, 7];

export function listingRow({ file, listed, error }: ListedEntry): string[] {
  if (listed === null) {
    return [...Array<string>(LISTING_HEADERS.length - 3).fill(ABSENT), "unreadable", error!, file];
  }
  const started = listed.startedAt.slice(0, 16).replace("T", " ");
  const labels = Object.entries(listed.labels).map(([name, value]) => `${name}=${value}`);
  return [started, ...figures(listed), labels.join(" ") || ABSENT, file];
}

function figures(listed: Listed): string[] {
  if (listed.kind !== "result") {
    return [
      `${listed.kind} of ${listed.of}`,
      ABSENT,
      ABSENT,
      ABSENT,
      ABSENT,
      ABSENT,
      ABSENT,
      listed.verdict,
    ];
  }
  const { workload, operation, furtherOperations, isPublished, status, verdict } = listed;
  const what = operation.startsWith(workload) ? operation : `${workload}: ${operation}`;
  return [
    furtherOperations === 0 ? what : `${what} +${furtherOperations}`,
    String(listed.connections),
    String(listed.clients),
    listed.etcdVersion ?? ABSENT,
    formatRate(listed.throughputPerSec),
    formatDuration(listed.p99Ms),
    listed.clock,
    // A verdict is on the client, of which a published figure says nothing.
    isPublished ? "published" : status === "complete" ? verdict : `${verdict}, ${status}`,
  ];
}

/** `12 results in 10 files of results; 1 file cannot be read`. */
export function listingSummary({ source, entries, publishedHidden }: Listing): string {
  const readable = entries.filter(({ error }) => error === null);
  const published = readable.filter(
    ({ listed }) => listed?.kind === "result" && listed.isPublished,
  );
  const files = new Set(readable.map(({ file }) => file)).size;
  const unreadable = entries.length - readable.length;
  return [
    `${formatNoun(readable.length, "result")} in ${formatNoun(files, "file")} of ${source}`,
    ...(published.length === 0 ? [] : [`${formatCount(published.length)} published elsewhere`]),
    ...(publishedHidden === 0
      ? []
      : [`${formatCount(publishedHidden)} published elsewhere not shown (--published)`]),
    ...(unreadable === 0 ? [] : [`${formatNoun(unreadable, "file")} cannot be read`]),
  ].join("; ");
}
