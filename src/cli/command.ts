/** Owns what a command is to the rest of cli/: its words, its flags and what carries it out. */
import type { FlagSpec } from "./flags/flag-spec.ts";

/** Values by the name of the flag; absent where the person did not give it. */
export type FlagValues = Readonly<Record<string, string | boolean | string[] | undefined>>;

export interface Command {
  name: string;
  /** What a person calls it, where that is more than the name: `ab put`. */
  fullName?: string;
  summary: string;
  /** As help shows them: `[key] [end]`. */
  positionals: string;
  minPositionals: number;
  maxPositionals: number;
  flags: readonly FlagSpec[];
  /** Arguments after `bench`, and what they do. */
  examples: readonly (readonly [string, string])[];
  /**
   * The commands that may stand behind the name of this one, whose flags then are some of theirs and
   * its own; `with` makes the command that the two are together.
   */
  inner?: { commands: readonly Command[]; with(inner: Command): Command } | undefined;
  /** Resolves to the exit code. Loads what it needs itself, so that help stays quick. */
  run(flags: FlagValues, positionals: readonly string[]): Promise<number>;
}

export function fullNameOf({ name, fullName }: Command): string {
  return fullName ?? name;
}
