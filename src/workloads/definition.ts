/** What a workload is to the rest of bench: one definition, from which its command and plans follow. */
import type * as zod from "zod";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";
import type { ScheduledEvent } from "../events/definition.ts";
import { EVENT } from "../events/event-flag.ts";
import {
  type Flag,
  type FlagTable,
  type FlagWords,
  type GivenFlags,
  type Read,
  readFlags,
} from "../flags/flag.ts";
import { LOAD_FLAGS } from "../flags/load.ts";
import { CHECK_HASHKV, KEEP_FLAGS, PRINT_FLAGS } from "../flags/output.ts";
import { TARGET_FLAGS } from "../flags/target.ts";
import { like } from "../flags/vocabulary.ts";
import { keyTextOf } from "../plan/key-text.ts";
import type { PlanContext, PlannableCommand, PlannableWorkload } from "../plan/plannable.ts";
import type { WorkloadPlan } from "../plan/schema.ts";
import type { PlannedWrites } from "../plan/written-bytes.ts";
import type { CalibratedLoad } from "./calibrated-load.ts";
import type { Consistency } from "./parts/consistency.ts";
import type { Preparation } from "./preparation.ts";

/** Arguments after `bench`, and what they do. */
export type Example = readonly [args: string, what: string];

/** Other words for some flags of a table, by its keys. */
type WordsFor<Table extends FlagTable> = { readonly [Key in keyof Table]?: Partial<FlagWords> };
export type LoadWords = WordsFor<typeof LOAD_FLAGS>;

/** A command that measures, and the flags that it takes. */
export interface CommandDefinition<Plan extends WorkloadPlan, Flags extends FlagTable> {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly Example[];
  /** Arguments that are no flags, as help shows them; all of them are keys. */
  readonly positionals?: { readonly usage: string; readonly most: number };
  /** Its own flags and those that it shares with some commands, in the order of help. */
  readonly flags: Flags;
  /** What is different in the flags that all commands share. */
  readonly loadWords?: LoadWords;
  /** Flags of events with other words, in place of those of the same name. */
  readonly eventFlags?: readonly Flag[];
  /** Whether it writes, after which members may differ. */
  readonly writes: boolean;
  /** The load uses connections that no client does, as streams do, or such of its own alone. */
  readonly usesAllConnections?: boolean;
  /** All its requests are puts and ranges with one answer each, which etcd's grpc-gateway takes. */
  readonly fitsGateway?: boolean;
  /** It ends by itself: no total holds by default. */
  readonly endsByItself?: boolean;
  /** Events that it makes happen by itself: its command schedules no others of their kind. */
  readonly ownEvents?: readonly ScheduledEvent[];
  /**
   * More requests before it do not change it, and it needs no set-up within the clock: runs that are
   * compared in pairs are warmed up first.
   */
  readonly isWarmed?: boolean;
  /** It keeps each request and judges all at the end, which a load of hours has no room for. */
  readonly keepsEachRequest?: boolean;
  /** What its cost is measured on; at least one. */
  readonly calibrated: readonly CalibratedLoad[];
  /** Texts for flags that were not given, where they follow from others that were. */
  fill?(given: GivenFlags): GivenFlags;
  /** @throws BenchError (usage) that names the flag */
  plan(flags: Read<Flags>, context: PlanContext): Plan;
}

/** What a series of a workload's result counts. */
export type SeriesRole =
  /** Requests of the load, each in this series alone. */
  | "requests"
  /** Requests that set the load up or go on next to it, each in this series alone. */
  | "further-requests"
  /** What came of the load's requests, such as events that watchers received. */
  | "outcome"
  /** Requests or parts of them that another series counts too. */
  | "detail";

/** What is known of a series where it is compared with published figures. */
export interface PublishedShape {
  /** Null for what is no read. */
  consistency: Consistency | null;
  /** Whether the plan says which sizes the keys and values of the requests have. */
  hasKnownSizes: boolean;
}

/** A table in whose columns etcd publishes figures of the workload. */
export interface PublishedTable {
  title: string;
  verb: "read" | "write";
  counted: "keys" | "requests";
  tells: "target" | "consistency";
}

/** A setting of the workload's own that runs of a suite may differ in. */
export interface OwnSetting<Plan> {
  name: string;
  read(plan: Plan): number | string;
}

/** What decides which clients are together on an agent: client k is on agent k modulo agents if that divides the connections. */
export interface AgentsOfLoad {
  agents: number;
  connections: number;
}

/** The schema of a workload's part of a plan. */
export type WorkloadSchema<Plan extends WorkloadPlan> = zod.ZodType<Plan> &
  zod.core.$ZodTypeDiscriminable;

/** A command whose plans are of its own kind. */
export interface WorkloadDefinition<Plan extends WorkloadPlan, Flags extends FlagTable>
  extends CommandDefinition<Plan, Flags> {
  /** Of its part of a plan. `z` is handed in, since what only reads flags loads no zod. */
  schema(z: typeof zod): WorkloadSchema<Plan>;
  /**
   * What a series of its results counts; absent: the series of the workload's name has all requests,
   * and all others are details. `names` are those of all series.
   */
  seriesRole?(name: string, names: readonly string[]): SeriesRole;
  /** Its own section of a report has its counters, which then are in no other. */
  readonly hasCountersInSection?: boolean;
  readonly publishedTable?: PublishedTable;
  /** Each request of its primary series is one write, which waits for one commit of etcd's log. */
  readonly waitsForCommit?: boolean;
  /**
   * Whether each request of the series that etcd acknowledges surely makes one revision, and is in no other
   * such series: a put does, a delete of an absent key or a transaction that writes nothing does not. A run
   * whose revision rose by less than their number is no valid one. Absent: no series does.
   */
  makesRevision?(series: string): boolean;
  /** Null: a series that is in no table of rates. Absent: no read, and with all sizes that it has. */
  publishedShape?(plan: Plan, series: string): PublishedShape | null;
  /** In addition to those of the load and of keys and values. */
  readonly settings?: readonly OwnSetting<NoInfer<Plan>>[];
  /** How many times over its limits hold, one after another; absent: once. */
  passes?(plan: Plan): number;
  /** How many leases it is granted before its load; absent: none. */
  setUpLeases?(plan: Plan, clients: number): number;
  /** How long it waits after its last request; absent: not at all. */
  waitAfterMs?(plan: Plan): number;
  /** What was run, in a report's words: `put, key 8 B, value 256 B`. */
  describe(plan: Plan): string;
  /** What a rate amounts to in the workload's own terms; absent or null: in no other. */
  describeRate?(plan: Plan, ratePerSec: number): string | null;
  /**
   * What so many requests write; null where that is not worth counting.
   * @param ratePerSec null: a closed loop
   */
  plannedWrites(plan: Plan, requests: number, ratePerSec: number | null): PlannedWrites | null;
  /**
   * Why agents cannot share its load, as a clause with what to do; absent or null: they can. Absent: its
   * workers share no memory.
   * @param load what the plan says of agents and connections
   */
  againstAgents?(plan: Plan, load: AgentsOfLoad): string | null;
  /** What is done on the main thread before the load; loaded when it is needed. */
  preparation(): Promise<{ preparation: Preparation<Plan> }>;
  /** The way back: flags and arguments that make the same plan. */
  commandLine(plan: Plan): { args?: readonly string[]; flags: Partial<Read<Flags>> };
}

/** A command whose own types no caller needs to know; its plans may be those of other workloads. */
export interface WorkloadCommand extends PlannableCommand {
  readonly summary: string;
  readonly examples: readonly Example[];
  readonly positionals: { readonly usage: string; readonly most: number };
  /** All that its command takes, in the order of help. */
  readonly flags: readonly Flag[];
  readonly isWarmed: boolean;
  readonly keepsEachRequest: boolean;
  readonly calibrated: readonly CalibratedLoad[];
}

/** A command with a workload of its own: what is done with plans of its kind. */
export interface Workload extends WorkloadCommand, PlannableWorkload {
  schema(z: typeof zod): WorkloadSchema<WorkloadPlan>;
  seriesRole(name: string, names: readonly string[]): SeriesRole;
  readonly hasCountersInSection: boolean;
  readonly publishedTable: PublishedTable | null;
  /** Each request of its primary series is one write, which waits for one commit of etcd's log. */
  readonly waitsForCommit: boolean;
  /** Whether each request of the series that etcd acknowledges surely makes one revision. */
  makesRevision(series: string): boolean;
  /** Null: a series that is in no table of rates. */
  publishedShape(plan: WorkloadPlan, series: string): PublishedShape | null;
  /** In addition to those of the load and of keys and values. */
  readonly settingNames: readonly string[];
  /** Null: it has no setting of that name. */
  settingOf(plan: WorkloadPlan, name: string): number | string | null;
  setUpLeases(plan: WorkloadPlan, clients: number): number;
  waitAfterMs(plan: WorkloadPlan): number;
  describe(plan: WorkloadPlan): string;
  /** What a rate amounts to in the workload's own terms; null: in no other. */
  describeRate(plan: WorkloadPlan, ratePerSec: number): string | null;
  plannedWrites(
    plan: WorkloadPlan,
    requests: number,
    ratePerSec: number | null,
  ): PlannedWrites | null;
  /** Why so many agents cannot share its load, as a clause with what to do; null: they can. */
  againstAgents(plan: WorkloadPlan, load: AgentsOfLoad): string | null;
  /** Whether memory that its workers share may be dealt to agents, as it says itself which of them. */
  readonly maySendMemory: boolean;
  preparation(): Promise<Preparation>;
}

const NO_READ: PublishedShape = { consistency: null, hasKnownSizes: true };

export function defineWorkload<Plan extends WorkloadPlan, Flags extends FlagTable>(
  definition: WorkloadDefinition<Plan, Flags>,
): Workload {
  const { name, flags, settings = [] } = definition;
  return {
    ...defineCommand(definition),
    schema: (z) => definition.schema(z),
    seriesRole: definition.seriesRole ?? ((series) => (series === name ? "requests" : "detail")),
    hasCountersInSection: definition.hasCountersInSection ?? false,
    publishedTable: definition.publishedTable ?? null,
    waitsForCommit: definition.waitsForCommit ?? false,
    makesRevision: definition.makesRevision ?? (() => false),
    publishedShape: (plan, series) =>
      definition.publishedShape === undefined
        ? NO_READ
        : definition.publishedShape(planOf(plan), series),
    settingNames: settings.map((each) => each.name),
    settingOf: (plan, setting) =>
      settings.find((each) => each.name === setting)?.read(planOf(plan)) ?? null,
    passes: (plan) => definition.passes?.(planOf(plan)) ?? 1,
    setUpLeases: (plan, clients) => definition.setUpLeases?.(planOf(plan), clients) ?? 0,
    waitAfterMs: (plan) => definition.waitAfterMs?.(planOf(plan)) ?? 0,
    describe: (plan) => definition.describe(planOf(plan)),
    describeRate: (plan, ratePerSec) => definition.describeRate?.(planOf(plan), ratePerSec) ?? null,
    plannedWrites: (plan, requests, ratePerSec) =>
      definition.plannedWrites(planOf(plan), requests, ratePerSec),
    againstAgents: (plan, load) => definition.againstAgents?.(planOf(plan), load) ?? null,
    maySendMemory: definition.againstAgents !== undefined,
    async preparation() {
      const { preparation } = await definition.preparation();
      return preparation;
    },
    writeFlags(plan) {
      const { args = [], flags: values } = definition.commandLine(planOf(plan));
      const texts = Object.entries(values).map(([key, value]) => {
        const flag: Flag = flags[key]!;
        return [flag.name, flag.write(value)] as const;
      });
      return { args, texts };
    },
  };

  function planOf(plan: WorkloadPlan): Plan {
    if (plan.kind !== name) throw new Error(`a plan of ${plan.kind} is not one of ${name}`);
    // A plan of this kind is one that this definition has made.
    return plan as Plan;
  }
}

const ARGUMENTS = ["the key", "the end"];

export function defineCommand<Plan extends WorkloadPlan, Flags extends FlagTable>(
  definition: CommandDefinition<Plan, Flags>,
): WorkloadCommand {
  const { name, summary, examples, flags: own, eventFlags = [], ownEvents = [] } = definition;
  const loadFlags = withWords(LOAD_FLAGS, definition.loadWords);
  const events = SCHEDULED_EVENTS.filter((event) => !ownEvents.includes(event));
  // Several events may share a flag.
  const flagsOfEvents = [...new Set(events.flatMap((event) => event.flags))].map(
    (flag) => eventFlags.find((each) => each.name === flag.name) ?? flag,
  );
  const flags = [
    ...Object.values({ ...TARGET_FLAGS, ...loadFlags, ...own }),
    ...flagsOfEvents,
    EVENT,
    ...Object.values({ ...PRINT_FLAGS, ...KEEP_FLAGS }),
    ...(definition.writes ? [CHECK_HASHKV] : []),
  ];
  return {
    name,
    summary,
    examples,
    positionals: definition.positionals ?? { usage: "", most: 0 },
    flags,
    loadFlags,
    usesAllConnections: definition.usesAllConnections ?? false,
    endsByItself: definition.endsByItself ?? false,
    fitsGateway: definition.fitsGateway ?? false,
    isWarmed: definition.isWarmed ?? false,
    keepsEachRequest: definition.keepsEachRequest ?? false,
    calibrated: definition.calibrated,
    events,
    fill: (given) => definition.fill?.(given) ?? given,
    planFrom(given, context) {
      const args = context.args.map((arg, at) => keyTextOf(ARGUMENTS[at]!, arg));
      return definition.plan(readFlags(own, given), { ...context, args });
    },
    passes: () => 1,
  };
}

/** The table with other words for some of its flags. */
function withWords<Table extends FlagTable>(table: Table, words: WordsFor<Table> = {}): Table {
  const changed = Object.entries(words).map(([key, own]) => [key, like(table[key]!, own ?? {})]);
  return { ...table, ...Object.fromEntries(changed) };
}
