/**
 * Lays what gives flags over each other: the file below, variables over it, the command line on top.
 * Each layer replaces what a lower one says about the same thing. Pure.
 */
import type { GivenFlags } from "../../flags/flag.ts";
import { RATE_NAMES, TOTAL_NAMES } from "../../flags/load.ts";
import { REPLACED_TARGETS } from "../../flags/target.ts";

export interface Layer {
  /** Undefined: the flag is turned off. */
  flags: GivenFlags;
  /** By the name of a flag; the command line has none. */
  origins: ReadonlyMap<string, string>;
}

const SET_BY_SEARCH = [...RATE_NAMES, ...TOTAL_NAMES];

/** What a flag of a higher layer takes away from the lower ones, since both cannot hold at once. */
const REPLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ...REPLACED_TARGETS,
  ...TOTAL_NAMES.map((name) => [name, [...TOTAL_NAMES, "duration", "find-max"]] as const),
  ["duration", TOTAL_NAMES],
  ...RATE_NAMES.map((name) => [name, [...RATE_NAMES, "find-max"]] as const),
  ["find-max", SET_BY_SEARCH],
  ["save", ["resume"]],
  ["resume", ["save"]],
]);

/** The lowest first. */
export function combined(layers: readonly Layer[]): Layer {
  const flags: Record<string, GivenFlags[string]> = {};
  const origins = new Map<string, string>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer.flags)) {
      const replaced = value === undefined ? [] : (REPLACES.get(name) ?? []);
      for (const each of [name, ...replaced]) {
        if (each !== name && layer.flags[each] !== undefined) continue;
        delete flags[each];
        origins.delete(each);
      }
    }
    for (const [name, value] of Object.entries(layer.flags)) {
      if (value === undefined) continue;
      flags[name] = value;
      const origin = layer.origins.get(name);
      if (origin !== undefined) origins.set(name, origin);
    }
  }
  return { flags, origins };
}
