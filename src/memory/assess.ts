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

const LEAST_BYTES = 0.5;

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

/** Null where it is not known: below nothing, it is memory that etcd freed while things were added. */
export function knownCost(cost: Cost | null): number | null {
  return cost === null || isFallen(cost) ? null : Math.max(0, cost.each);
}

/** By more than what rounds to nothing. */
function isFallen({ each }: Cost): boolean {
  return each < -LEAST_BYTES;
}

/** Which costs are not known, since memory fell, and what to do. */
export function fallenNotes(things: readonly ThingCost[], isLocal: boolean): string[] {
  const figures = [
    ["rssBytes", "RSS"],
    ["heapBytes", "heap"],
  ] as const;
  return figures.flatMap(([figure, words]) => {
    const fallen = things.filter(({ [figure]: cost }) => cost !== null && isFallen(cost));
    if (fallen.length === 0) return [];
    const names = fallen.map(({ thing }) => THING_OF[thing].plural).join(" and ");
    const fix = isLocal
      ? `add more of them (--of=${THING_OF[fallen[0]!.thing].plural}:NUMBER)`
      : "measure with --local, or soon after etcd has started";
    return [
      `The ${words} fell while ${names} were added: etcd freed memory that it had before, so what ` +
        `one costs in ${words} is not known; ${fix}.`,
    ];
  });
}

/** The rows of the published tables that the measured things and sizes say something of. */
export function publishedRows({
  base,
  things,
  keySizeBytes,
  valSizeBytes,
}: Pick<MemoryReport, "base" | "things" | "keySizeBytes" | "valSizeBytes">): PublishedRow[] {
  const each = (name: ThingName, figure: "rssBytes" | "heapBytes") => {
    const cost = things.find(({ thing }) => thing === name)?.[figure] ?? null;
    return cost === null || mayBeNothing(cost) ? null : knownCost(cost);
  };
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

/** So few were added that their cost cannot be told from none, and even less that of millions. */
function mayBeNothing({ low }: Cost): boolean {
  return low !== null && low <= 0;
}

function times(count: number, bytes: number | null): number | null {
  if (count === 0) return 0;
  return bytes === null ? null : count * bytes;
}

function sumOf(...parts: readonly (number | null)[]): number | null {
  return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}
