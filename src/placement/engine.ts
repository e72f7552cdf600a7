/** What a placement engine is: it starts agents on other machines with a tool that exists, and ends them. */
import type { JoinFile } from "../agents/join-file.ts";
import type { FlagTable, Read } from "../flags/flag.ts";

/** A new one is a folder and a line in catalogue.ts. */
export interface PlacementEngine<Table extends FlagTable = FlagTable, Plan = unknown> {
  /** Also the name of the flag that asks for it, and its key in `flags`. */
  readonly name: string;
  /** Its flags of `bench agents up`. */
  readonly flags: Table;
  /**
   * What it is to start: plain JSON without a secret, in which all is named that has to be found again.
   * @throws BenchError (usage)
   */
  plan(flags: Read<Table>, identity: PlacementIdentity): Plan;
  /** Loaded when it is used. */
  actions(): Promise<EngineActions<Plan>>;
}

export interface PlacementIdentity {
  /** What the user calls it, which is also the group that its agents join. */
  readonly name: string;
  /** Of this start and of no other: 12 hex digits. */
  readonly id: string;
}

export interface EngineActions<Plan> {
  /** The names under which its agents join, and where each runs: a host, a node, a pod. */
  agents(plan: Plan): readonly PlacedAgent[];
  /**
   * Starts all; that they join is waited for by the caller. What it throws may leave some started: the
   * caller ends them then.
   * @throws BenchError that names the place and the fix
   */
  start(plan: Plan, context: StartContext<Plan>): Promise<void>;
  /** What would be created, as text with secrets; null: the plan is to be started. */
  manifest?(plan: Plan, context: ManifestContext): Promise<string | null>;
  /**
   * Starts a coordination etcd where the agents run, and resolves to how this machine joins. Absent: it is
   * started on this machine.
   * @throws BenchError that names the place and the fix
   */
  coordination?(plan: Plan, context: CoordinationContext<Plan>): Promise<JoinFile>;
  /** Whether this machine reaches the etcd that `coordination` starts. */
  isReachable?(plan: Plan): boolean;
  /** Never throws for an agent that cannot be asked: that is its state. */
  look(plan: Plan, context: EngineContext): Promise<readonly SeenAgent[]>;
  /** Ends and removes all that `start` may have made, whole or not. A second call does no harm. */
  end(plan: Plan, context: EngineContext): Promise<EndReport<Plan>>;
}

/** To print a manifest. */
export interface ManifestContext {
  readonly group: string;
  /** Of a coordination etcd that runs; null: the engine's own. */
  readonly join: JoinFile | null;
  readonly workers: number | null;
}

export interface EngineContext {
  /** Of the placement, on this machine; only its user may read it. */
  readonly folder: string;
  /** Aborted: what is under way is given up. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface CoordinationContext<Plan> extends EngineContext {
  readonly group: string;
  /** Writes down what became known, such as the id of a job. */
  readonly save: (plan: Plan) => void;
}

export interface StartContext<Plan> extends CoordinationContext<Plan> {
  readonly join: JoinFile;
  /** In `folder`; only its user may read it. */
  readonly joinPath: string;
  /** Most threads of each agent; null: the CPUs that it may use. */
  readonly workers: number | null;
  /** The coordination etcd is one that `coordination` started. */
  readonly hasEngineEtcd: boolean;
}

export interface PlacedAgent {
  readonly name: string;
  readonly where: string;
}

export interface SeenAgent {
  readonly name: string;
  /** `waiting`: it has no machine yet. `unknown`: its state could not be read, for the reason in `detail`. */
  readonly state: "running" | "ended" | "waiting" | "unknown";
  readonly detail: string | null;
  /** The last lines of its log. */
  readonly logEnd: string;
  /** More exactly than where it was placed, such as the node of a pod. */
  readonly where?: string;
}

export interface EndReport<Plan> {
  /** What is still to be ended; null: nothing. */
  readonly left: Plan | null;
  /** Why, a sentence each, with the place and the fix. */
  readonly failures: readonly string[];
}
