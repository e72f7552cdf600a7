/**
 * What an event is: something that happens to etcd while load runs, scheduled by the plan or by
 * itself. Each kind is one file with one definition; catalogue.ts lists them.
 */

import type * as zod from "zod";
import { type Flag, type FlagTable, type GivenFlags, type Read, readFlags } from "../flags/flag.ts";
import type { FaultDirection, NetworkFault } from "../proxy/network-fault.ts";
import type { Random } from "../random.ts";

/** After a fault clients connect again and leaders are elected: what they meet then is of the fault. */
export const AFTERMATH_MS = 3_000;

/** A member of the cluster, as it was when the run was prepared. */
export interface EventMember {
  /** In hex, as etcdctl prints it. */
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  /** Null: not known. */
  readonly isLeader: boolean | null;
}

/** A cluster whose processes bench started: of `--local`, or of `bench cluster`. Members go by name. */
export interface OwnCluster {
  /** Of `bench cluster`; null: a throwaway cluster. */
  readonly name: string | null;
  /** As they are now; adding and removing changes them. */
  readonly members: readonly OwnMember[];
  /** SIGKILL; resolves when the process is gone. */
  kill(member: string): Promise<void>;
  /** SIGINT: etcd hands leadership over first; resolves when the process is gone. */
  stop(member: string): Promise<void>;
  /** On its old data, after a stop where it runs; resolves when it answers, healthy where a majority runs. */
  restart(member: string): Promise<void>;
  /** How its process ended, with the end of its log, as a clause; null: it runs. */
  endOf(member: string): string | null;
  /** SIGSTOP and SIGCONT. */
  pause(member: string): void;
  resume(member: string): void;
  /** Starts it where it does not run, and drops the record of `recordStop`. */
  ensureRuns(member: string): Promise<void>;
  /** Writes down that a member is ended for a time: if bench dies first, the next command starts it. */
  recordStop(member: string): void;
  /** Writes down that this alarm of full space is to be cleared. Gives what takes that back. */
  recordAlarm(memberId: string): () => void;
  /**
   * Adds a member of the next free name, or of this one, at the addresses that it had if it was
   * removed before; resolves when it is healthy. A learner takes
   * the leader's data first, and answers when it has begun.
   */
  add(options?: AddOptions): Promise<OwnMember>;
  /** Removes it from the cluster, ends its process, and never uses its data again. */
  remove(member: string, options?: RemoveOptions): Promise<void>;
  /** Removes it and adds one of the same name and addresses with empty data. */
  replace(member: string): Promise<void>;
  /** The fault proxies in front of a member; null where the cluster was started without `--proxied`. */
  proxies(member: string): { readonly client: ProxyControl; readonly peer: ProxyControl } | null;
}

export interface AddOptions {
  readonly name?: string;
  readonly isLearner?: boolean;
  /** If bench dies before `remove`, the next command removes it. */
  readonly isForATime?: boolean;
}

export interface RemoveOptions {
  /** `add` of its name brings it back to its addresses; if bench dies first, the next command does. */
  readonly comesBack?: boolean;
}

export interface OwnMember {
  readonly name: string;
  /** Of clients and of peers: `host:port`. */
  readonly endpoint: string;
  readonly peerEndpoint: string;
  /** Of the latest start. */
  readonly pid: number;
  readonly running: boolean;
  readonly dataDir: string;
}

/** What a fault proxy can be asked for. */
export interface ProxyControl {
  set(direction: FaultDirection, fault: NetworkFault): Promise<void>;
  /** Absent `kind`: every fault of the direction. */
  clear(direction: FaultDirection, kind?: NetworkFault["kind"]): Promise<void>;
}

/** Describes what is done to a member: `kill of etcd1`, or `kill` where no member is known. */
export function ofMember(noun: string): EventKind["describe"] {
  return (member) => (member === null ? noun : `${noun} of ${member}`);
}

/** What the checks of events look at: a cluster that need not have been started yet. */
export interface EventSite {
  readonly members: readonly EventMember[];
  /** Null: bench does not start this cluster. */
  readonly cluster: {
    readonly members: readonly Pick<OwnMember, "name" | "running">[];
    proxies(member: string): object | null;
  } | null;
}

/** What an event can act on. */
export interface EventTarget extends EventSite {
  readonly endpoints: readonly string[];
  /** Null: bench did not start this cluster, and must not touch its processes. */
  readonly cluster: OwnCluster | null;
}

interface CallOptions {
  endpoint?: string;
  timeoutMs?: number;
}

/** What etcd can be asked for, over a connection of its own. A refused call throws. */
export interface EtcdControl {
  revision(endpoint?: string, options?: { timeoutMs?: number }): Promise<number>;
  compact(
    request: { revision: number; physical?: boolean },
    options?: CallOptions,
  ): Promise<unknown>;
  defragment(endpoint?: string, options?: { timeoutMs?: number }): Promise<void>;
  status(endpoint?: string, options?: { timeoutMs?: number }): Promise<AskedStatus>;
  /** `endpoint` is the leader's, `id` the new leader's in hex. */
  moveLeader(id: string, options?: CallOptions): Promise<void>;
  /** Raises or clears the alarm of full space for a member, whose id is in hex. */
  setNoSpaceAlarm(isRaised: boolean, id: string, options?: CallOptions): Promise<void>;
}

/** What a member says of itself. */
export interface AskedStatus {
  /** In hex. */
  readonly memberId: string | null;
  /** Null where it knows of no leader. */
  readonly leaderId: string | null;
  readonly isLearner: boolean;
  readonly raftTerm: number;
}

export interface EventContext extends EventTarget {
  readonly client: EtcdControl;
  /** The load is over: nothing more is to begin. */
  readonly isOver: () => boolean;
  /** Aborted when nothing that was begun is waited for any longer. */
  readonly abandoned: AbortSignal;
  /** Of the run's seed, for choices that are left to chance. */
  readonly random: Random;
}

/** One thing that is done to etcd. It becomes one event of the result. */
export interface Action {
  /** The name of the member that it is done to; null: the whole cluster. */
  readonly member: string | null;
  /** The revision that it is done to; null where there is none. */
  readonly revision: number | null;
  /** Resolves when it is done, or has begun where it lasts. */
  begin(): Promise<void>;
  /**
   * Puts right what `begin` did, after `lastsMs` or at the end of the run, whichever is first; null:
   * at the end of the run.
   */
  readonly end?: { readonly lastsMs: number | null; putRight(): Promise<void> };
}

/** When a kind of event is due, counted from the start of the measured phase. */
export interface Schedule {
  /** Null: at the times of `atMs` alone. It is never due when a run of known length ends, or later. */
  readonly everyMs: number | null;
  readonly atMs: readonly number[];
  /** The flag that gives the times. */
  readonly flag: string;
  /** What happens to one that is due while an earlier one of its kind is under way. */
  readonly meanwhile: "left-out" | "after-it" | "at-once";
}

/** What reports say of a kind of event. */
export interface EventKind {
  /** The name in saved results and plans: `compaction`. */
  readonly kind: string;
  /** `compaction`, `defragmentation of m1`; null: of no member, or of any. */
  describe(member: string | null): string;
  /** Its sign in charts, one letter. */
  readonly mark: string;
  /** The leader may be another one afterwards. */
  readonly changesLeader: boolean;
}

/** What a plan's events may depend on, in addition to their own flags. */
export interface PlanningContext {
  /** What the user gave, with the workload's own defaults. */
  readonly given: GivenFlags;
  /** Of the measured phase; null where it is not known beforehand. */
  readonly durationMs: number | null;
  /** Takes what the user should know although the run goes on. */
  note(line: string): void;
}

/** An event that a plan has, with its part of the plan. */
export interface Carried<Plan> extends EventKind {
  /** Space in etcd's database is free again after it. */
  readonly makesRoom: boolean;
  /**
   * Set for an event that the run is about, in its words: where it fails, or never comes due, the run
   * has failed, and the requests that it touches are not judged by --max-error-rate.
   */
  readonly text: string | null;
  /**
   * A clause for the line that says what was run: `compaction every 5 s of all but 10 revisions`.
   * `duration` prints milliseconds.
   */
  describePlan(plan: Plan, duration: (ms: number) => string): string;
  schedule(plan: Plan): Schedule;
  /** @throws BenchError (usage) where the plan does not fit this cluster */
  check(plan: Plan, site: EventSite): void;
  /**
   * What is done at one time at which it is due; the next action is asked for when the last one is
   * done. @throws NothingToDo, as its actions' `begin` may
   */
  actions(plan: Plan, context: EventContext): AsyncIterable<Action>;
}

/** A kind of event that a plan schedules, as its file defines it. `Plan` is its part of the plan. */
export interface EventDefinition<Plan, Flags extends FlagTable>
  extends Omit<Carried<Plan>, "text"> {
  readonly flags: Flags;
  /** The schema of its part of a plan. `z` is handed in, since what only reads flags loads no zod. */
  schema(z: typeof zod): zod.ZodType<Plan>;
  /** Null: none. @throws BenchError (usage) that names the flag */
  plan(flags: Read<Flags>, context: PlanningContext): Plan | null;
  /** The way back: the values of flags that make the same plan. */
  values(plan: Plan): Partial<Read<Flags>>;
}

/** A scheduled event whose own types no caller needs to know. */
export interface ScheduledEvent extends Carried<unknown> {
  schema(z: typeof zod): zod.ZodType<unknown>;
  /** In the order of help. */
  readonly flags: readonly Flag[];
  /** Its part of a plan; null: none. @throws BenchError (usage) that names the flag */
  planFrom(context: PlanningContext): unknown;
  /** By the name of the flag, the texts that make the same plan. */
  writeFlags(plan: unknown): (readonly [name: string, value: readonly string[] | boolean])[];
}

export function defineEvent<Plan, Flags extends FlagTable>(
  definition: EventDefinition<Plan, Flags>,
): ScheduledEvent {
  const { flags } = definition;
  const writeFlags = (plan: Plan) =>
    Object.entries(definition.values(plan)).map(([key, value]) => {
      const flag: Flag = flags[key]!;
      return [flag.name, flag.write(value)] as const;
    });
  const carried: Omit<EventDefinition<Plan, Flags>, "flags" | "plan" | "values"> = definition;
  return {
    ...carried,
    text: null,
    flags: Object.values(flags),
    planFrom: (context) => definition.plan(readFlags(flags, context.given), context),
    // Its part of a plan is what this definition, or its schema, has made.
    writeFlags: (plan) => writeFlags(plan as Plan),
  };
}

/** An event came due and there was nothing to do: no failure. */
export class NothingToDo extends Error {
  override name = "NothingToDo";
}

/** Both take long on a large backend, and go on in etcd after the wait has ended. */
export const WORK_TIMEOUT_MS = 600_000;
