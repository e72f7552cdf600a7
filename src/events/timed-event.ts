/**
 * What `--event` can ask for: a fault or a change that a user gives a time. Each is defined by the word
 * that asks for it and by what its arguments mean; catalogue.ts lists them.
 */
import type { Action, EventContext, EventKind, EventSite, OwnCluster } from "./definition.ts";

/** One `--event` of a plan. */
export interface TimedPlan {
  /** From the start of the measured phase. */
  atMs: number;
  /** Null: until the end of the run, where it lasts. */
  lastsMs: number | null;
  /** What is done, in the words of the flag: `kill leader`. */
  action: string;
}

export interface TimedEvent {
  /** What reports say of it. */
  readonly kind: EventKind;
  /** The word that asks for it. */
  readonly verb: string;
  /** Its arguments, as help and errors show them. */
  readonly usage: string;
  /** It has an end, at which all is as before: it takes `for=`. */
  readonly lasts: boolean;
  /** It acts on processes that bench started, and on no others. */
  readonly needsOwnCluster: boolean;
  readonly makesRoom?: boolean;
  /** Null: these are no arguments of it. */
  read(given: string): TimedAction | null;
}

/** A timed event whose arguments were read. */
export interface TimedAction {
  /** The arguments as they are written back. */
  readonly text: string;
  /** The members that it names, all of which must exist. */
  readonly names?: readonly string[];
  /** The member that it adds to the cluster; null: bench chooses the name. */
  readonly adds?: string | null;
  /** What two events cannot have at one time: `the process of etcd1`. */
  readonly claims?: readonly string[];
  /** Why this machine does not have what it needs; null: it has, or that is not known. */
  lacks?(): string | null;
  /** @throws BenchError (usage) where it does not fit this cluster */
  check?(site: EventSite): void;
  /** @throws BenchError where it cannot be done now */
  actions(context: EventContext, lastsMs: number | null): AsyncIterable<Action>;
}

export type OwnContext = EventContext & { readonly cluster: OwnCluster };

/** Of a cluster that bench started, which `check` has made sure of. */
export function ownContext(context: EventContext): OwnContext {
  const { cluster } = context;
  if (cluster === null) throw new Error("an event on processes needs a cluster of bench's own");
  return { ...context, cluster };
}
