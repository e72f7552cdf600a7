/** What a command is to the rest of cli/: its words, its flags and what carries it out. */
import type { Flag, GivenFlags } from "../flags/flag.ts";

export interface Command {
  name: string;
  /** What a user calls it, where that is more than the name: `ab put`. */
  fullName?: string;
  summary: string;
  /** As help shows them: `[key] [end]`. */
  positionals: string;
  /** The words that its first argument may be, where there are few. */
  choices?: readonly string[];
  minPositionals: number;
  maxPositionals: number;
  flags: readonly Flag[];
  /** Arguments after `bench`, and what they do. */
  examples: readonly (readonly [string, string])[];
  /**
   * The commands that may come after the name of this one, whose flags then are some of theirs and
   * its own; `with` makes the command that the two are together.
   */
  inner?:
    | {
        /** What they are: `workload`. */
        noun: string;
        commands: readonly Command[];
        with(inner: Command): Command;
      }
    | undefined;
  /** Resolves to the exit code. Loads what it needs itself, so that help stays quick. */
  run(flags: GivenFlags, positionals: readonly string[]): Promise<number>;
}

export function fullNameOf({ name, fullName }: Command): string {
  return fullName ?? name;
}
