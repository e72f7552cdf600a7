/**
 * What a suite needs to know of a command: its name, its arguments and its flags. cli/ hands its own
 * commands in, so that a file can say what a command line can, and nothing else.
 */
import type { Flag } from "../flags/flag.ts";

export interface CommandShape {
  name: string;
  maxPositionals: number;
  flags: readonly Flag[];
}

/** What becomes of results is said where the suite is run, once for all of it. */
const OF_THE_WHOLE_SUITE: ReadonlySet<string> = new Set([
  "output",
  "precise",
  "sample",
  "members",
  "quiet",
  "no-color",
  "save",
  "report-perfdash",
  "pprof",
  "no-progress",
  "live",
  "metrics-listen",
  "dry-run",
]);

/** The flags that a cell may have. */
export function cellFlags({ flags }: Pick<CommandShape, "flags">): Flag[] {
  return flags.filter(({ name }) => !OF_THE_WHOLE_SUITE.has(name));
}

/** Those of all commands, by name; where two differ in kind, as --prefix, the first one counts. */
export function allCellFlags(commands: readonly CommandShape[]): Map<string, Flag> {
  const byName = new Map<string, Flag>();
  for (const flag of commands.flatMap(cellFlags)) {
    if (!byName.has(flag.name)) byName.set(flag.name, flag);
  }
  return byName;
}
