/** What plan/ needs to know of a workload to make plans of it and command lines of plans. */
import type { ScheduledEvent } from "../events/definition.ts";
import type { GivenFlags } from "../flags/flag.ts";
import type { LOAD_FLAGS } from "../flags/load.ts";
import type { RunPlan, WorkloadPlan } from "./schema.ts";

export type LoadFlags = typeof LOAD_FLAGS;

export interface PlanContext {
  /** Keys that were named as arguments, as plans hold them. */
  readonly args: readonly string[];
  /** What was given, the workload's own defaults among it. */
  readonly given: GivenFlags;
  readonly limits: RunPlan["limits"];
  readonly load: RunPlan["load"];
  /** Takes what the user should know although the run goes on. */
  note(line: string): void;
}

/** A command that makes plans, of its own workload or of others. */
export interface PlannableCommand {
  readonly name: string;
  readonly loadFlags: LoadFlags;
  readonly usesAllConnections: boolean;
  readonly endsByItself: boolean;
  /** Whether its requests can be sent through etcd's grpc-gateway. */
  readonly fitsGateway: boolean;
  /** Those that its command schedules. */
  readonly events: readonly ScheduledEvent[];
  fill(given: GivenFlags): GivenFlags;
  planFrom(given: GivenFlags, context: PlanContext): WorkloadPlan;
  /** How many times over the limits of such a plan hold, one after another. */
  passes(planned: WorkloadPlan): number;
}

export interface PlannableWorkload extends PlannableCommand {
  writeFlags(plan: WorkloadPlan): WrittenFlags;
}

/** By the name of the flag: its texts, or whether a switch is set. */
export type WrittenFlag = readonly [name: string, value: readonly string[] | boolean];

export interface WrittenFlags {
  args: readonly string[];
  texts: readonly WrittenFlag[];
}
