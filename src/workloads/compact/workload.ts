/** `bench compact`: what compactions cost a load that goes on meanwhile. */
import { COMPACT_INTERVAL } from "../../events/compaction.ts";
import { like } from "../../flags/vocabulary.ts";
import { formatDuration } from "../../units.ts";
import { defineCommand } from "../definition.ts";
import { CLOSED_LOOP, filled } from "../parts/calibration.ts";
import {
  expectedMs,
  foregroundPlan,
  MAINTAINED_DURATION,
  MAINTAINED_LOAD_FLAGS,
  MAINTAINED_LOAD_WORDS,
} from "../parts/flags/maintained-load.ts";
import { withDuration } from "../parts/flags/usual-duration.ts";

/** Compactions in a run. */
const COMPACTIONS = 6;
/** That `--compact-interval` takes. */
const LEAST_INTERVAL_MS = 10;

export const compact = defineCommand({
  name: "compact",
  summary: "Measure how compactions affect a running load",
  examples: [
    ["compact --local", "500 puts and reads a second for half a minute, a compaction every 5 s"],
    [
      "compact --local --foreground=put --rate=1000 --duration=10s --compact-interval=2s --compact-index-delta=0",
      "writes only; each compaction keeps only the newest revision",
    ],
  ],
  flags: MAINTAINED_LOAD_FLAGS,
  loadWords: MAINTAINED_LOAD_WORDS,
  eventFlags: [like(COMPACT_INTERVAL, { shownDefault: "a sixth of --duration" })],
  calibrated: [
    {
      flags: (calibration) => ({
        ...filled(calibration),
        ...CLOSED_LOOP,
        "compact-interval": "100ms",
      }),
    },
  ],
  writes: true,
  fill(asGiven) {
    const given = withDuration(asGiven, MAINTAINED_DURATION);
    const sharedMs = Math.ceil(expectedMs(given) / COMPACTIONS);
    const intervalMs = Math.max(LEAST_INTERVAL_MS, sharedMs);
    return { [COMPACT_INTERVAL.name]: formatDuration(intervalMs), ...given };
  },
  plan: foregroundPlan,
});
