/** What shells complete: the words of the command line, taken from the commands as help is. */

import type { Flag } from "../../flags/flag.ts";
import { LABEL } from "../../flags/output.ts";
import { choice } from "../../flags/vocabulary.ts";
import type { Command } from "../command.ts";

export interface CompletedFlag {
  name: string;
  short: string | null;
  describe: string;
  /** Whether it takes a value, and whether the value may be left out. */
  takesValue: boolean;
  isValueOptional: boolean;
  isRepeatable: boolean;
  /** What the value may be, where that is one of a few words; empty: anything, so maybe a file. */
  values: readonly string[];
  /** A command line that prints the words when they are asked for; null: none does. */
  wordsFrom: string | null;
}

export interface CompletedCommand {
  name: string;
  summary: string;
  flags: readonly CompletedFlag[];
  /** What may come after the name: shells, workloads, suites; empty: a file. */
  words: readonly string[];
  /** A file may come instead of one of the words. */
  orFile: boolean;
}

/** Every flag that any of them takes is in each, where the command is of that kind (`ab put`). */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  return commands.map((command) => ({
    name: command.name,
    summary: command.summary,
    flags: flagsOf(command),
    words: command.inner?.commands.map(({ name }) => name) ?? command.choices ?? [],
    // A suite is a file, or one that bench has.
    orFile: command.name === "run",
  }));
}

function flagsOf(command: Command): CompletedFlag[] {
  const byName = new Map<string, CompletedFlag>();
  const taken = command.inner?.commands.flatMap((each) => command.inner!.with(each).flags) ?? [];
  for (const spec of [...command.flags, ...taken, HELP]) {
    const known = byName.get(spec.name);
    if (known === undefined) byName.set(spec.name, completedFlag(spec));
    // What one of the commands after it takes, as the formats of `agents status`.
    else known.values = [...new Set([...known.values, ...(spec.choices ?? [])])];
  }
  return [...byName.values()];
}

const HELP = choice(
  {
    name: "help",
    short: "h",
    group: "Output:",
    describe: "the command's flags and examples; =all: those that other commands have too",
  },
  ["all"],
  { kind: "optional" },
);

function completedFlag(spec: Flag): CompletedFlag {
  return {
    name: spec.name,
    short: spec.short ?? null,
    describe: spec.describe,
    takesValue: spec.kind !== "switch",
    isValueOptional: spec.kind === "optional",
    isRepeatable: spec.repeatable === true,
    values: spec.choices ?? [],
    wordsFrom: spec.name === LABEL.name ? "bench completion labels" : null,
  };
}
