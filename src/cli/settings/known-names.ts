/** The names of flags and commands that settings may use, and the error for any other. */
import { usageError } from "../../errors.ts";
import type { Flag } from "../../flags/flag.ts";
import { meantByForeign } from "../../flags/foreign-flags.ts";
import { CONFIG } from "../../flags/settings.ts";
import { nearestName } from "../../nearest-name.ts";
import type { Command } from "../command.ts";

/** All flags of a command, those included that it takes with each workload after it. */
export function flagsOfCommand({ flags, inner }: Command): readonly Flag[] {
  const all = inner?.commands.flatMap((each) => inner.with(each).flags) ?? [];
  const unique = new Map([...flags, ...all].map((flag) => [flag.name, flag]));
  // A file cannot name the file that is read.
  unique.delete(CONFIG.name);
  return [...unique.values()];
}

/** The flags that hold for all commands that take them. */
export function sharedFlags(commands: readonly Command[]): readonly Flag[] {
  return commands.flatMap(flagsOfCommand).filter(({ sectionOnly }) => sectionOnly !== true);
}

/**
 * Refuses a name that no flag has.
 * @param shown how the setting is called in the error
 * @param others names that may be meant as well
 */
export function unknownName(
  origin: string,
  shown: string,
  name: string,
  { flags, others, of }: { flags: readonly Flag[]; others: readonly string[]; of: string },
): Error {
  const bare = name.replace(/^-+/, "");
  const isFlag = flags.some((flag) => flag.name === bare);
  if (isFlag && bare !== name) {
    return usageError(`${origin}: ${shown}: flags are written here without their dashes: ${bare}`);
  }
  const meant =
    flags.find(({ short }) => short === bare)?.name ??
    (bare.length > 1
      ? nearestName(bare, [...new Set(flags.map((flag) => flag.name)), ...others])
      : null);
  const foreign = meantByForeign(bare);
  const hint =
    foreign !== null && bare.length > 1
      ? `bench has ${foreign}`
      : meant !== null
        ? `did you mean ${meant}?`
        : `bench ${of === "bench" ? "COMMAND" : of.replace(/^bench /, "")} --help lists them`;
  return usageError(`${origin}: ${shown} is no flag of ${of}; ${hint}`);
}
