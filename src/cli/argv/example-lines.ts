/** Formats the examples of help so that they can be copied into a shell, however narrow it is. */
import type { Command } from "../command.ts";

const INDENT = "  ";
const FURTHER_INDENT = "      ";
const CONTINUED = " \\";
/** An argument: what has no space outside single or double quotes. */
const ARGUMENT = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;

/**
 * The lines of "Examples:". A command line that is too long for `columns` continues after a
 * backslash, since yargs would break it where a shell ends it.
 */
export function exampleLines(examples: Command["examples"], columns: number): string {
  const lines = examples.flatMap(([args, what]) => [
    ...commandLines(`bench ${args}`, columns),
    `${FURTHER_INDENT}${what}`,
  ]);
  return ["Examples:", ...lines].join("\n");
}

function commandLines(command: string, columns: number): string[] {
  const lines: string[] = [];
  let line = INDENT;
  for (const argument of command.match(ARGUMENT)!) {
    const isFirst = line.trim() === "";
    if (!isFirst && line.length + 1 + argument.length + CONTINUED.length > columns) {
      lines.push(line + CONTINUED);
      line = FURTHER_INDENT + argument;
    } else {
      line += isFirst ? argument : ` ${argument}`;
    }
  }
  return [...lines, line];
}
