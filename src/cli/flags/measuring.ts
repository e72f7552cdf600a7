/** Owns the order in which help groups the flags of a command that measures. */
import type { FlagSpec } from "./flag-spec.ts";
import { LOAD_FLAGS } from "./load.ts";
import { MAINTENANCE_FLAGS } from "./maintenance.ts";
import { CHECK_HASHKV_FLAG, JUDGE_FLAGS, PRINT_FLAGS } from "./output.ts";
import { TARGET_FLAGS } from "./target.ts";

/** What every measuring command takes, with those that are its own. */
export function measuringFlags(own: readonly FlagSpec[]): FlagSpec[] {
  const flags = [...TARGET_FLAGS, ...LOAD_FLAGS, ...own, ...MAINTENANCE_FLAGS];
  return [...flags, ...PRINT_FLAGS, ...JUDGE_FLAGS];
}

/** Of a command that writes, behind which members may differ. */
export function writingFlags(own: readonly FlagSpec[]): FlagSpec[] {
  return [...measuringFlags(own), CHECK_HASHKV_FLAG];
}
