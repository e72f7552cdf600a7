/** Picks what short help explains of a command, and names the flags that it leaves to `--help=all`. */

import { SCHEDULED_EVENTS } from "../../events/catalogue.ts";
import { EVENT } from "../../events/event-flag.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import type { Flag, FlagGroup } from "../../flags/flag.ts";
import { LOAD_FLAGS } from "../../flags/load.ts";
import { CHECK_HASHKV, KEEP_FLAGS, PRINT_FLAGS } from "../../flags/output.ts";
import { CONFIG } from "../../flags/settings.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { type Command, fullNameOf } from "../command.ts";
import { RUN_OUTPUT } from "../output/output-flag.ts";

/** A command with at most so many flags has all of them explained. */
const FEW_FLAGS = 10;
export const BRIEF_EXAMPLES = 5;
const INDENT = "  ";

/** By identity: a command that gives a shared flag another default or other words has its own. */
const SHARED: ReadonlySet<Flag> = new Set([
  ...Object.values<Flag>({ ...TARGET_FLAGS, ...LOAD_FLAGS, ...PRINT_FLAGS, ...KEEP_FLAGS }),
  ...Object.values(AGENT_FLAGS),
  CHECK_HASHKV,
  CONFIG,
  EVENT,
  RUN_OUTPUT,
  ...SCHEDULED_EVENTS.flatMap(({ flags }) => flags),
]);

export function ownFlags({ flags }: Command): readonly Flag[] {
  return flags.length <= FEW_FLAGS ? flags : flags.filter((flag) => !SHARED.has(flag));
}

/** A line for each group of the flags that short help does not explain; empty where there are none. */
export function otherFlags(command: Command, columns: number): string {
  const own = new Set(ownFlags(command));
  const others = command.flags.filter((flag) => !own.has(flag));
  if (others.length === 0) return "";
  const groups = new Map<FlagGroup, string[]>();
  for (const { group, name } of others) {
    groups.set(group, [...(groups.get(group) ?? []), `--${name}`]);
  }
  return [
    `Shared flags, which bench ${fullNameOf(command)} --help=all explains:`,
    ...[...groups].flatMap(([group, names]) =>
      wrapped(`${INDENT}${group} ${names.join(", ")}`, columns),
    ),
  ].join("\n");
}

/** Between words; what goes on is indented further. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${INDENT}${INDENT}${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
