/**
 * Turns the flags of a suite into the words of a command line, so that what a file says is read in
 * the same way as what a user types.
 */
import type { Flag, GivenFlags } from "../flags/flag.ts";
import type { FlagSet, FlagValue } from "./schema.ts";

/** `--conns=100`, a word for each value of a repeated flag; none for an optional one that is off. */
export function flagWords({ name, kind }: Flag, value: FlagSet[string]): string[] {
  if (Array.isArray(value)) return value.map((each) => `--${name}=${each}`);
  if (kind === "optional" && value === false) return [];
  if (kind !== "value" && value === true) return [`--${name}`];
  return [`--${name}=${value}`];
}

/** Those that were given. */
export function flagSetOf(given: GivenFlags): FlagSet {
  const set: FlagSet = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) set[name] = typeof value === "object" ? [...value] : value;
  }
  return set;
}

/** As a command line has it after `bench`, in the order that help lists flags. */
export function commandWords(
  command: string,
  shapes: readonly Flag[],
  flags: FlagSet,
  args: readonly FlagValue[],
): string[] {
  const words = shapes.flatMap((shape) => {
    const value = flags[shape.name];
    return value === undefined ? [] : flagWords(shape, value);
  });
  return [command, ...words, ...(args.length === 0 ? [] : ["--", ...args.map(String)])];
}
