/** What one of a thing costs, by the readings, and what that makes of the published tables. */
import { slopeInterval } from "../stats/slope-interval.ts";
import {
  INDEX_ROWS,
  PUBLISHED_KEY_BYTES,
  PUBLISHED_VALUE_BYTES,
  publishedCost,
  STORAGE_ROWS,
  WATCH_ROWS,
} from "./published.ts";
import type {
  Cost,
  CountedReading,
  MemoryReading,
  MemoryReport,
  PublishedRow,
  ThingCost,
} from "./report-schema.ts";
import { THING_OF, type ThingName } from "./things.ts";

export function thingCost(
  thing: ThingName,
  readings: CountedReading[],
  keySizeBytes: number,
): ThingCost {
  return {
    thing,
    describe: THING_OF[thing].describe,
    readings,
    rssBytes: costOf(readings, "rssBytes"),
    heapBytes: costOf(readings, "heapBytes"),
    stackBytes: costOf(readings, "stackBytes"),
    goroutines: costOf(readings, "goroutines"),
    published: publishedCost(thing, keySizeBytes),
  };
}

function costOf(readings: readonly CountedReading[], name: keyof MemoryReading): Cost | null {
  const points = readings.flatMap(({ added, [name]: value }) =>
    value === null ? [] : [{ at: added, value }],
  );
  const found = slopeInterval(points);
  return found === null ? null : { each: found.slope, low: found.low, high: found.high };
}

/** The rows of the published tables that the measured things and sizes say something of. */
export function publishedRows({
  base,
  things,
  keySizeBytes,
  valSizeBytes,
}: Pick<MemoryReport, "base" | "things" | "keySizeBytes" | "valSizeBytes">): PublishedRow[] {
  const each = (name: ThingName, figure: "rssBytes" | "heapBytes") =>
    things.find(({ thing }) => thing === name)?.[figure]?.each ?? null;
  const has = (...names: ThingName[]) =>
    names.every((name) => things.some(({ thing }) => thing === name));
  const rows: PublishedRow[] = [];
  if (has("connection", "stream", "watcher")) {
    for (const { clients, streamsPerClient, watchersPerStream, bytes } of WATCH_ROWS) {
      const streams = clients * streamsPerClient;
      const watchers = streams * watchersPerStream;
      rows.push({
        table: "watchers",
        counts: { clients, streamsPerClient, watchersPerStream, watchers },
        publishedBytes: bytes,
        estimatedBytes: sumOf(
          base.rssBytes,
          times(clients, each("connection", "rssBytes")),
          times(streams, each("stream", "rssBytes")),
          times(watchers, each("watcher", "rssBytes")),
        ),
      });
    }
  }
  if (!has("key", "revision") || keySizeBytes !== PUBLISHED_KEY_BYTES) return rows;
  const stored = (figure: "rssBytes" | "heapBytes", keys: number, revisionsPerKey: number) => [
    times(keys, each("key", figure)),
    times(keys * (revisionsPerKey - 1), each("revision", figure)),
  ];
  for (const { keys, revisionsPerKey, bytes } of INDEX_ROWS) {
    rows.push({
      table: "index",
      counts: { keys, revisionsPerKey },
      publishedBytes: bytes,
      estimatedBytes: sumOf(...stored("heapBytes", keys, revisionsPerKey)),
    });
  }
  if (valSizeBytes !== PUBLISHED_VALUE_BYTES) return rows;
  for (const { keys, revisionsPerKey, bytes } of STORAGE_ROWS) {
    rows.push({
      table: "storage",
      counts: { keys, revisionsPerKey },
      publishedBytes: bytes,
      estimatedBytes: sumOf(base.rssBytes, ...stored("rssBytes", keys, revisionsPerKey)),
    });
  }
  return rows;
}

function times(count: number, bytes: number | null): number | null {
  return bytes === null ? null : count * bytes;
}

function sumOf(...parts: readonly (number | null)[]): number | null {
  return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}
