/** Owns the defaults of the watch commands: apart from their reading, so that help loads no schema. */

/** Upstream's, but for val-size, which is 4 there ("data"). */
export const WATCH_DEFAULTS = {
  watch: {
    streams: "10",
    "watch-per-stream": "100",
    "watched-key-total": "1",
    "put-rate": "0",
    "put-total": "1000",
    "key-size": "32",
    "val-size": "8",
  },
  "watch-latency": {
    streams: "10",
    "watchers-per-stream": "10",
    "put-rate": "100",
    "put-total": "1000",
    "key-size": "32",
    "val-size": "32",
  },
} as const;

export type WatchCommand = keyof typeof WATCH_DEFAULTS;

/** Upstream's, whose gets are serializable. */
export const WATCH_GET_DEFAULTS = {
  watchers: "10000",
  streams: "1",
  events: "8",
  consistency: "s",
} as const;
