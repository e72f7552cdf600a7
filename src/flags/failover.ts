/** The flags of `bench failover` that are of its trials, and not of what each of them measures. */
import { count, duration, flagsText, repeated, textOrBare } from "./vocabulary.ts";

const trials = { group: "Trials:" } as const;
const DURATION = { ...trials, max: 3_600_000 };

export const TRIAL_FLAGS = {
  events: repeated<string>(
    {
      ...trials,
      name: "event",
      sectionOnly: true,
      describe:
        "'[for=TIME] ACTION' of each trial, e.g. 'kill leader' or 'for=3s pause follower'; for=5s by default (docs/faults.md)",
    },
    { isText: true, parse: (_, given) => given, format: (given) => given },
  ),
  trials: count({ ...trials, name: "trials", default: "9", max: 1_000, describe: "trials" }),
  controls: count({
    ...trials,
    name: "controls",
    default: "3",
    min: 0,
    max: 1_000,
    describe: "runs without the event, among the trials",
  }),
  beforeMs: duration({
    ...DURATION,
    name: "before",
    default: "5s",
    min: 1_000,
    describe: "time to measure before the event",
  }),
  afterMs: duration({
    ...DURATION,
    name: "after",
    default: "10s",
    min: 1_000,
    describe: "time to measure after the event is over",
  }),
  etcdArgs: flagsText({
    ...trials,
    name: "etcd-args",
    describe:
      "'FLAGS' of every member, e.g. '--heartbeat-interval=10 --election-timeout=100'; needs --local",
  }),
};

export const TRIALS_RESUME = textOrBare(
  {
    group: "Output:",
    name: "resume",
    describe:
      "=DIR of trials that were cut short, with the same flags: measures those that are missing",
  },
  "",
);
