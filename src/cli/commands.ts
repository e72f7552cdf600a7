/** Owns the list of commands, in the order of help. A new command is a file and a line here. */
import type { Command } from "./command.ts";
import { putCommand } from "./put.ts";
import { rangeCommand } from "./range.ts";
import { reportCommand } from "./report.ts";

export const COMMANDS: readonly Command[] = [putCommand, rangeCommand, reportCommand];
