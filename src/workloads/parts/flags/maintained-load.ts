/**
 * What `bench compact` and `bench defrag` share: a foreground load that goes on while etcd compacts
 * or is defragmented, and a schedule that fits into its time.
 */
import type { GivenFlags, Read } from "../../../flags/flag.ts";
import { LOAD_FLAGS } from "../../../flags/load.ts";
import { choice, like, textOf } from "../../../flags/vocabulary.ts";
import type { PlanContext } from "../../../plan/plannable.ts";
import { readCount, readDurationMs } from "../../../units.ts";
import type { LoadWords } from "../../definition.ts";
import type { MixedWorkload } from "../../mixed/schema.ts";
import { MIXED_FLAGS, mixedPlan } from "../../mixed/workload.ts";
import type { PutWorkload } from "../../put/schema.ts";
import { putPlan } from "../../put/workload.ts";

/** A fixed rate, since a closed loop sends least when etcd stalls most. */
const DEFAULTS = { rate: "500", clients: "100", conns: "10" } as const;
const DEFAULT_MS = 30_000;
export const MAINTAINED_DURATION = "30s";
const DEFAULT_KEYS = "10000";

export const FOREGROUND = choice(
  {
    group: "Workload:",
    name: "foreground",
    default: "mixed",
    describe: "mixed|put: load that is measured; --mix belongs to mixed",
  },
  ["mixed", "put"],
);

export const MAINTAINED_LOAD_WORDS: LoadWords = {
  ratePerSec: { default: DEFAULTS.rate },
  clients: { default: DEFAULTS.clients },
  connections: { default: DEFAULTS.conns },
  durationMs: { shownDefault: MAINTAINED_DURATION },
  // The run ends by its time, unless a total is given.
  total: { shownDefault: "" },
};

export const MAINTAINED_LOAD_FLAGS = {
  ...MIXED_FLAGS,
  mix: like(MIXED_FLAGS.mix, { default: "put=50,range=50" }),
  keySpaceSize: like(MIXED_FLAGS.keySpaceSize, {
    default: DEFAULT_KEYS,
    shownDefault: DEFAULT_KEYS,
  }),
  valSize: like(MIXED_FLAGS.valSize, { default: "1KiB" }),
  foreground: FOREGROUND,
};

/** Of one run; for a text that cannot be read the default, since its own flag refuses it. */
export function expectedMs(given: GivenFlags): number {
  const lengthOf = (text: string) => readDurationMs(text) || DEFAULT_MS;
  if (given["find-max"] !== undefined) {
    const step = LOAD_FLAGS.findStepMs;
    return lengthOf(textOf(given, step.name) ?? step.default ?? "");
  }
  const duration = textOf(given, "duration");
  if (duration !== undefined) return lengthOf(duration);
  const rate = readCount(textOf(given, "rate") ?? DEFAULTS.rate);
  const total = readCount(textOf(given, "total") ?? "");
  return rate && total ? (total / rate) * 1000 : DEFAULT_MS;
}

export function foregroundPlan(
  flags: Read<typeof MAINTAINED_LOAD_FLAGS>,
  context: PlanContext,
): MixedWorkload | PutWorkload {
  if (flags.foreground === "mixed") return mixedPlan(flags, context);
  return putPlan({ ...flags, sequential: false }, context);
}
