/**
 * Plans the trials of `bench failover`: each is a run of `bench availability` with the event at a
 * phase of the heartbeat drawn from the seed; some runs have no event.
 */
import { usageError } from "../../errors.ts";
import { TIMED_EVENTS } from "../../events/catalogue.ts";
import { readEventText } from "../../events/event-flag.ts";
import { timedText } from "../../events/timed-plans.ts";
import type { GivenFlags, Read } from "../../flags/flag.ts";
import { refuseReservedLabels } from "../../plan/reserved-labels.ts";
import { SeedStream } from "../../random.ts";
import { shellWords } from "../../shell-words.ts";
import { cellFlags } from "../../suite/command-shape.ts";
import { commandWords, flagSetOf } from "../../suite/flag-words.ts";
import { orderedRuns } from "../../suite/runs.ts";
import { refuseOwnArgs } from "../../suite/server-args.ts";
import { availability } from "../../workloads/availability/workload.ts";
import { planFromFlags } from "../../workloads/catalogue.ts";
import { planWithAgents, wordsWithAgents } from "../measure/agents.ts";
import type { PlannedCell } from "../suite/plans.ts";
import type { PlannedRun } from "../suite/session.ts";
import { type FAILOVER_FLAGS, SHARED_FLAGS } from "./failover-flags.ts";
import { TRIAL_LABELS } from "./trial-labels.ts";

/** Of an event that lasts and names no time. */
const LASTS_MS = 5_000;
/** etcd's default. */
const HEARTBEAT_MS = 100;
/** Of when in a heartbeat the event begins. */
const PHASES = new SeedStream("failover.phases");
const FIRST_SEED = 1;

export interface PlannedTrials {
  cells: readonly PlannedCell[];
  runs: readonly PlannedRun[];
  /** As they were given, with the time that they last. */
  events: readonly string[];
}

type Flags = Read<typeof FAILOVER_FLAGS>;

interface TrialEvent {
  lastsMs: number | null;
  action: string;
  /** After the first of the trial. */
  afterMs: number;
}

/** Of the command: as the user gave them, and with the endpoints that they lead to. */
interface TrialFlags {
  asGiven: GivenFlags;
  given: GivenFlags;
}

/** @throws BenchError (usage) that names the flag */
export function planTrials(
  flags: Flags,
  { asGiven, given }: TrialFlags,
  env: NodeJS.ProcessEnv,
): PlannedTrials {
  const events = trialEvents(flags.events);
  const etcdArgs = flags.etcdArgs === null ? [] : shellWords("--etcd-args", flags.etcdArgs);
  refuseOwnArgs(etcdArgs, "--etcd-args");
  const seed = Number(given.seed ?? FIRST_SEED);
  const random = PHASES.random(seed);
  const spanMs = Math.max(...events.map(({ afterMs, lastsMs }) => afterMs + (lastsMs ?? 0)));
  const durationMs = Math.ceil(flags.beforeMs + HEARTBEAT_MS + spanMs + flags.afterMs);
  const heartbeatMs = heartbeatOf(etcdArgs);
  const names = [
    ...Array.from({ length: flags.trials }, (_, at) => ["fault", at + 1] as const),
    ...Array.from({ length: flags.controls }, (_, at) => ["control", at + 1] as const),
  ];
  const cells = names.map(([arm, number], index): PlannedCell => {
    const atMs = flags.beforeMs + Math.floor(random() * heartbeatMs);
    const texts = events.map(({ afterMs, lastsMs, action }) =>
      timedText({ atMs: atMs + afterMs, lastsMs, action }),
    );
    const ofTrial: GivenFlags = {
      ...(arm === "fault" ? { event: texts } : {}),
      duration: `${durationMs}ms`,
      seed: String((seed + index) % 2 ** 32),
      "check-hashkv": true,
    };
    const own = { ...sharedFlags(given), ...ofTrial };
    const written = flagSetOf({ ...sharedFlags(asGiven), ...ofTrial });
    const { plan: planned, notes } = planFromFlags({ command: availability.name, flags: own }, env);
    refuseReservedLabels("failover", TRIAL_LABELS, planned.labels);
    const plan = planWithAgents(planned, given);
    const { local } = plan.target;
    if (local === null && etcdArgs.length > 0) {
      throw usageError(
        "--etcd-args are of clusters that bench starts; add --local=3, or leave them out",
      );
    }
    if (local !== null) local.serverArgs = [...etcdArgs];
    return {
      name: arm === "fault" ? `trial ${number}` : `control ${number}`,
      arm,
      values: {},
      words: wordsWithAgents(
        commandWords(availability.name, cellFlags(availability), written, []),
        plan,
      ),
      prepare: [],
      etcd: local === null ? "shared" : "fresh",
      serverArgs: etcdArgs,
      repeats: 1,
      expectMs: null,
      placeOf: () => null,
      index,
      plan,
      flags: own,
      etcdFlag: "--etcd",
      notes: index === 0 ? notes : [],
      preparePlans: [],
    };
  });
  return {
    cells,
    runs: orderedRuns(cells, "shuffled", seed),
    events: events.map(({ lastsMs, action }) =>
      lastsMs === null ? action : `${action} for ${lastsMs / 1_000} s`,
    ),
  };
}

/** The first event is the fault; `at=` of the others counts from it. */
function trialEvents(texts: readonly string[]): TrialEvent[] {
  if (texts.length === 0) {
    throw usageError(
      "failover needs what is to happen: --event='kill leader', or 'pause follower', 'stop leader', ... (docs/faults.md)",
    );
  }
  return texts.map((text, index) => {
    const { atMs, lastsMs, action } = readEventText("--event", text);
    if (index === 0 && atMs !== null) {
      throw usageError(
        `--event='${text}': the trials choose the time of the first event, --before after their start; leave at= out`,
      );
    }
    const [verb] = action.split(" ");
    const lasts = TIMED_EVENTS.find((each) => each.verb === verb)?.lasts ?? false;
    return { action, afterMs: atMs ?? 0, lastsMs: lastsMs ?? (lasts ? LASTS_MS : null) };
  });
}

function heartbeatOf(etcdArgs: readonly string[]): number {
  const text = etcdArgs.join(" ");
  const ms = /--heartbeat-interval[= ](\d+)/.exec(text)?.[1];
  return ms === undefined ? HEARTBEAT_MS : Number(ms);
}

function sharedFlags(given: GivenFlags): GivenFlags {
  const names = new Set([...SHARED_FLAGS.map(({ name }) => name), "label"]);
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)));
}
