/** Owns the list of commands, in the order of help. A new command is a file and a line here. */
import { abCommand } from "./ab.ts";
import { calibrateCommand } from "./calibrate.ts";
import type { Command } from "./command.ts";
import { compareCommand } from "./compare.ts";
import { completionCommand } from "./completion.ts";
import { listCommand } from "./list.ts";
import { MEASURING_COMMANDS } from "./measuring-commands.ts";
import { quickstartCommand } from "./quickstart.ts";
import { reportCommand } from "./report.ts";
import { runSuiteCommand } from "./run.ts";
import { trendCommand } from "./trend.ts";

export const COMMANDS: readonly Command[] = [
  quickstartCommand,
  ...MEASURING_COMMANDS,
  runSuiteCommand,
  abCommand,
  calibrateCommand,
  listCommand,
  reportCommand,
  compareCommand,
  trendCommand,
  completionCommand(() => COMMANDS),
];
