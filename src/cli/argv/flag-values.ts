/** The flags of a command line that was read, as values by name. */
import type { GivenFlags } from "../../flags/flag.ts";
import { textsOf } from "../../flags/vocabulary.ts";
import type { Command } from "../command.ts";
import type { ReadArgv } from "./argv.ts";

/** As a command takes them. */
export function flagValues({ command, flags }: ReadArgv & { command: Command }): GivenFlags {
  const given: Record<string, string | boolean | readonly string[]> = {};
  for (const { name, value } of flags) {
    const flag = command.flags.find((each) => each.name === name)!;
    if (flag.kind === "switch") given[name] = value === "true";
    else if (flag.repeatable) given[name] = [...textsOf(given, name), value];
    else given[name] = value;
  }
  return given;
}
