/** The flags of `bench doctor`. */
import { PROBE_LEVELS } from "../../doctor/probe-levels.ts";
import { NO_COLOR, NO_PROGRESS, QUIET } from "../../flags/output.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { choice, duration, repeated } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";

const own = { group: "Doctor:", sectionOnly: true } as const;

/** What has a meaning for load alone. */
const {
  leaderOnly: _leaderOnly,
  grpcProxy: _grpcProxy,
  autoSyncIntervalMs: _autoSync,
  ignoresQuota: _quota,
  ...TARGET
} = TARGET_FLAGS;

export const DOCTOR_FLAGS = {
  durationMs: duration({
    ...own,
    name: "duration",
    short: "z",
    default: "30s",
    min: 1_000,
    max: 24 * 3_600_000,
    describe:
      "window over which metrics are read; of saved pages the time between two (default: of their files)",
  }),
  probe: choice(
    {
      ...own,
      name: "probe",
      default: "light",
      describe:
        "none: read metrics alone; light: some 50 small requests a second, and 2,000 syncs of a local disk; full: a load of up to 200 requests a second too",
    },
    PROBE_LEVELS,
  ),
  dataDirs: repeated<string>(
    {
      ...own,
      name: "data-dir",
      shownDefault: "of the members here",
      describe: "DIR of etcd's data on this machine, whose disk is probed; repeatable",
    },
    { parse: (_, given) => given, format: (given) => given, isText: true },
  ),
  ...TARGET,
  output: outputFlag("doctor"),
  quiet: QUIET,
  noColor: NO_COLOR,
  noProgress: NO_PROGRESS,
};
