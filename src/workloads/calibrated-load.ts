/** Defines a load whose cost `bench calibrate` measures, and what its flags may depend on. */
import type { GivenFlags } from "../flags/flag.ts";
import type { RunPlan } from "../plan/schema.ts";

/** What the flags of a calibrated load may depend on. */
export interface Calibration {
  /** Of those whose requests differ in their cost. */
  readonly transport: Exclude<RunPlan["load"]["transport"], "gateway">;
  readonly clients: number;
  /** How long it is to be measured, about. */
  readonly durationMs: number | null;
  /** Of keys and values, as the fake etcd answers them. */
  readonly sizes: { readonly "key-size": string; readonly "val-size": string };
}

/** A load whose cost `bench calibrate` measures on a server that answers at once. */
export interface CalibratedLoad {
  /** Absent: the command's. */
  readonly name?: string;
  readonly flags?: (calibration: Calibration) => GivenFlags;
  readonly key?: string;
  /** What is counted where it is not the first operation: a series of the run, and the word for one. */
  readonly counted?: { readonly series: string; readonly word?: string };
  /** It is one request over and over, which clients that are not ours can send too. */
  readonly repeats?: "put" | "range";
  /** It comes back to what it wrote, so the fake etcd keeps that. */
  readonly keeps?: true;
  /** Its flags say how much it does; absent: as much as there is time for. */
  readonly isBounded?: true;
}
