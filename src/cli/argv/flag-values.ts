/** Owns the flags of a command line that was read as values by name, for what yargs does not see. */

import type { Command, FlagValues } from "../command.ts";
import type { ReadArgv } from "./argv.ts";

/** As yargs hands them to a command. */
export function flagValues({ command, flags }: ReadArgv & { command: Command }): FlagValues {
  const values: Record<string, string | boolean | string[]> = {};
  for (const { name, value } of flags) {
    const spec = command.flags.find((each) => each.name === name)!;
    if (spec.kind === "switch") values[name] = value === "true";
    else if (spec.repeatable) values[name] = [...((values[name] as string[]) ?? []), value];
    else values[name] = value;
  }
  return values;
}
