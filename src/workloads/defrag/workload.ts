/** `bench defrag`: what defragmentation costs a load that goes on meanwhile. */
import { DEFRAG_AT } from "../../events/defragmentation.ts";
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

/** The shares of a run's time at which it is defragmented. */
const AT_SHARES = [1 / 3, 2 / 3];

export const defrag = defineCommand({
  name: "defrag",
  summary: "Measure how defragmentation affects a running load",
  examples: [
    ["defrag --local", "500 puts and reads a second for half a minute, defragmented twice"],
    [
      "defrag --local=3 --duration=10s --defrag-at=3s,6s --compact-interval=2s",
      "all three members, one after another, with compactions that free space first",
    ],
  ],
  flags: MAINTAINED_LOAD_FLAGS,
  loadWords: MAINTAINED_LOAD_WORDS,
  eventFlags: [like(DEFRAG_AT, { shownDefault: "a third and two thirds of --duration" })],
  calibrated: [
    {
      flags: (calibration) => ({
        ...filled(calibration),
        ...CLOSED_LOOP,
        "defrag-at": "100ms,200ms",
      }),
    },
  ],
  writes: true,
  fill(asGiven) {
    const given = withDuration(asGiven, MAINTAINED_DURATION);
    const lengthMs = expectedMs(given);
    const times = AT_SHARES.map((share) => formatDuration(Math.floor(lengthMs * share)));
    return { [DEFRAG_AT.name]: times.join(","), ...given };
  },
  plan: foregroundPlan,
});
