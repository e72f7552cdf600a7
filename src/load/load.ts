/**
 * What a worker knows of a load: how to make what it sends, and which connections and streams it
 * needs. The loads themselves are handed to a worker by its entry file.
 */
import type { Transport } from "#wire";
import type { LoadShape, WorkerShare } from "../plan/shares.ts";
import type { OperationSpec } from "./messages.ts";
import type { MessageReader } from "./recording/request-details.ts";
import type { RequestLog } from "./recording/request-log.ts";
import type { Operations, Workload } from "./workload.ts";

/** What every load is made with. */
export interface LoadContext {
  readonly share: WorkerShare;
  readonly seed: number;
  readonly operations: Operations;
  readonly transport: Transport;
  /** The first of the slots that the load asked for in `extraSlots`. */
  readonly firstExtraSlot: number;
  /** Objects that one operation of the run makes for those after it. */
  readonly parts: SharedParts;
  /** Takes single requests of a load whose preparation assesses them. */
  readonly requests: RequestLog;
}

export interface Load<Spec extends OperationSpec = OperationSpec> {
  readonly kind: Spec["kind"];
  make(spec: Spec, context: LoadContext): Workload;
  /** The endpoints of connections that it needs for itself, in addition to the share's. */
  ownConnections?(spec: Spec, share: WorkerShare): readonly string[];
  /**
   * The connections of the slots that it needs beyond the one of each client: indices into the
   * share's, or from `firstOwn` on into its own.
   */
  extraSlots?(spec: Spec, share: WorkerShare, firstOwn: number): readonly number[];
  /** Of those, the ones whose streams stay open; absent: all. */
  heldSlots?(spec: Spec, share: WorkerShare, firstOwn: number): readonly number[];
  /** Of its own connections, those on which calls are made next to streams that stay open; absent: none. */
  calledConnections?(spec: Spec, share: WorkerShare, firstOwn: number): readonly number[];
  /** Whether each client's own stream may stay open for as long as others' do. */
  holdsClientStreams?(spec: Spec): boolean;
  /** The same operation dealt to another number of connections or workers. */
  dealtAnew?(spec: Spec, shape: LoadShape): Spec;
  /**
   * The keys that a worker may have put; absent: none. A key may come more than once.
   * @param begun how many operations the worker began in each phase, all of which start over
   */
  writtenKeys?(
    spec: Spec,
    share: WorkerShare,
    seed: number,
    begun: readonly number[],
  ): Iterable<Buffer>;
}

/** One operation of a run, checked against its load's own fields. */
export function operation<Spec extends OperationSpec>(spec: Spec): OperationSpec {
  return spec;
}

/** The loads of a run's operations. */
export interface Loads {
  of(spec: OperationSpec): Load;
  /** The harmless read that warms connections and code before the first phase. */
  pathWarmup(context: LoadContext): Workload;
  /** Of the requests and answers of all of them. */
  readonly reader: MessageReader;
}

export type LoadsOf = (operations: readonly OperationSpec[]) => Promise<Loads>;

/** Names one kind of object among the shared parts. */
export class PartName<Part> {
  /** Keeps parts of different types apart for the compiler. */
  declare readonly part: Part;
}

export class SharedParts {
  readonly #parts = new Map<PartName<unknown>, unknown>();

  set<Part>(name: PartName<Part>, part: Part): Part {
    this.#parts.set(name, part);
    return part;
  }

  /** What an operation before has set. */
  get<Part>(name: PartName<Part>): Part {
    // `set` is the only way in.
    return this.#parts.get(name) as Part;
  }
}
