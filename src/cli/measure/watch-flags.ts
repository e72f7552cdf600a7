/** Owns the flags of the watch commands, which have defaults of their own for some shared ones. */
import { WATCH_DEFAULTS, type WatchCommand } from "../../plan/workload/watch-defaults.ts";
import type { FlagSpec } from "../flags/flag-spec.ts";
import { KEY_SPACE_FLAGS } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const value = { kind: "value", group: "Workload:" } as const;
const toggle = { kind: "switch", group: "Workload:" } as const;

const PREV_KV: FlagSpec = { ...toggle, name: "prevkv", describe: "events carry the value before" };
const PROGRESS: FlagSpec = {
  ...toggle,
  name: "progress-notify",
  describe: "watchers that are idle are told the revision now and then",
};

const WATCH_OWN: readonly FlagSpec[] = [
  { ...value, name: "streams", describe: "watch streams, over all connections in turn" },
  { ...value, name: "watch-per-stream", describe: "watchers of each stream" },
  { ...value, name: "watched-key-total", describe: "watched keys; each put goes to the next one" },
  PREV_KV,
  PROGRESS,
  { ...value, name: "put-total", describe: "puts of the second phase; --total is the same" },
  { ...value, name: "put-rate", describe: "puts per second; --rate is the same" },
];

const LATENCY_OWN: readonly FlagSpec[] = [
  WATCH_OWN[0]!,
  { ...value, name: "watchers-per-stream", describe: "watchers of each stream, all on one key" },
  PREV_KV,
  PROGRESS,
  { ...value, name: "put-total", describe: "puts; --total is the same" },
  { ...value, name: "put-rate", describe: "puts per second; --rate is the same; 0: closed loop" },
];

export const WATCH_COMMAND_FLAGS = withDefaults("watch", WATCH_OWN, []);

export const WATCH_LATENCY_COMMAND_FLAGS = withDefaults("watch-latency", LATENCY_OWN, [
  "key-space-size",
  "sequential-keys",
]);

function withDefaults(
  command: WatchCommand,
  own: readonly FlagSpec[],
  without: readonly string[],
): FlagSpec[] {
  const defaults: Partial<Record<string, string>> = {
    ...WATCH_DEFAULTS[command],
    total: WATCH_DEFAULTS[command]["put-total"],
    rate: WATCH_DEFAULTS[command]["put-rate"],
  };
  const shared = KEY_SPACE_FLAGS.filter(({ name }) => !without.includes(name));
  return writingFlags([...shared, ...own]).map((spec) => {
    if (spec.name === "key-space-size") {
      const describe = "keys that the watched ones are drawn from; by default all are distinct";
      const { default: _, ...rest } = spec;
      return { ...rest, describe };
    }
    const text = defaults[spec.name];
    return text === undefined ? spec : { ...spec, default: text };
  });
}
