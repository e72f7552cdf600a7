/** The flags of what is done to etcd itself while the load goes on. */
import {
  badValue,
  formatDuration,
  isZeroDuration,
  parseDurationMs,
  readDurationMs,
} from "../units.ts";
import { count, parsed, text } from "./vocabulary.ts";

const workload = { group: "Workload:" } as const;

const SHORTEST_INTERVAL_MS = 10;
const LONGEST_MS = 500 * 3_600_000;

export const COMPACT_INTERVAL = parsed(
  {
    ...workload,
    name: "compact-interval",
    default: "0",
    describe: "time between two compactions while the load goes on; 0: none",
  },
  {
    parse(flag, given): number | null {
      if (isZeroDuration(given)) return null;
      return parseDurationMs(flag, given, {
        min: SHORTEST_INTERVAL_MS,
        max: LONGEST_MS,
        example: "5m",
      });
    },
    format: (ms) => (ms === null ? "0" : formatDuration(ms)),
  },
);

/** Ascending, in milliseconds after the start of the measured phase. */
export const DEFRAG_AT = parsed(
  {
    ...workload,
    name: "defrag-at",
    describe: "TIME,... after the start at which members are defragmented one by one, e.g. 10s,20s",
  },
  {
    parse(flag, given) {
      const atMs = given.split(",").map((part) => {
        const ms = readDurationMs(part.trim());
        if (ms !== null && ms <= LONGEST_MS) return ms;
        throw badValue(flag, part, "a time after the start, or several", "10s,20s");
      });
      return atMs.sort((a, b) => a - b);
    },
    format: (atMs) => atMs.map(formatDuration).join(","),
  },
);

export const MAINTENANCE_FLAGS = {
  compactIntervalMs: COMPACT_INTERVAL,
  compactIndexDelta: count({
    ...workload,
    name: "compact-index-delta",
    default: "1000",
    min: 0,
    describe: "newest revisions that a compaction leaves alone",
  }),
  defragAtMs: DEFRAG_AT,
  defragMember: text({
    ...workload,
    name: "defrag-member",
    describe: "name or endpoint of the one; else all",
  }),
};
