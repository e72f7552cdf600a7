/** The flags of `bench memory`. */
import { flagError } from "../../errors.ts";
import { NO_COLOR, NO_PROGRESS, QUIET } from "../../flags/output.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { count, duration, parsed, size } from "../../flags/vocabulary.ts";
import { THING_OF, THINGS, type ThingName } from "../../memory/things.ts";
import { parseCount } from "../../units.ts";
import { outputFlag } from "../output/output-flag.ts";

/** Load goes to one member, past any proxy, and its writes are few. */
const {
  leaderOnly: _leaderOnly,
  grpcProxy: _grpcProxy,
  isProxied: _isProxied,
  autoSyncIntervalMs: _autoSync,
  ignoresQuota: _quota,
  ...TARGET
} = TARGET_FLAGS;

const memory = { group: "Workload:" } as const;

const PLURALS: ReadonlyMap<string, ThingName> = new Map(
  THINGS.map((name) => [THING_OF[name].plural, name]),
);
const ALL = [...PLURALS.keys()].join(",");
const MOST = 5_000_000;

export const MEMORY_FLAGS = {
  ...TARGET,
  totals: parsed(
    {
      ...memory,
      name: "of",
      default: ALL,
      describe: `what to add, each with a number to add in all, e.g. watchers:100k,keys`,
    },
    {
      isList: true,
      choices: [...PLURALS.keys()],
      parse: (flag, text) => new Map(text.split(",").map((part) => parseTotal(flag, part.trim()))),
      format: (totals: ReadonlyMap<ThingName, number>) =>
        [...totals]
          .map(([name, total]) => {
            const { plural, total: usual } = THING_OF[name];
            return total === usual ? plural : `${plural}:${total}`;
          })
          .join(","),
    },
  ),
  steps: count({
    ...memory,
    name: "steps",
    default: "8",
    min: 2,
    max: 100,
    describe: "steps in which each is added, with a reading after each; 5 or more give intervals",
  }),
  settleMs: duration({
    ...memory,
    name: "settle",
    default: "250ms",
    max: 60_000,
    describe: "time between a step and its reading",
  }),
  keySizeBytes: size({
    ...memory,
    name: "key-size",
    sectionOnly: true,
    default: "64",
    min: 32,
    max: 4_096,
    describe: "size of keys; etcd's published tables have 64 B",
  }),
  valSizeBytes: size({
    ...memory,
    name: "val-size",
    sectionOnly: true,
    default: "256",
    min: 0,
    max: 1_000_000,
    describe: "size of values; etcd's published tables have 256 B and 1 kB",
  }),
  output: outputFlag("memory"),
  quiet: QUIET,
  noColor: NO_COLOR,
  noProgress: NO_PROGRESS,
};

function parseTotal(flag: string, part: string): [ThingName, number] {
  const [plural = "", given] = part.split(":", 2);
  const thing = PLURALS.get(plural);
  if (thing === undefined) {
    throw flagError(
      flag.slice(2),
      `${flag}: ${JSON.stringify(part)} is none of ${ALL}, each with or without a number, e.g. ${flag}=watchers:100k,keys`,
    );
  }
  const total = THING_OF[thing].total;
  if (given === undefined) return [thing, total];
  return [thing, parseCount(flag, given, { min: 1, max: MOST, example: String(total) })];
}
