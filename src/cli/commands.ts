/** Owns the list of commands, in the order of help. A new command is a file and a line here. */
import { abCommand } from "./ab/ab.ts";
import { calibrateCommand } from "./calibrate/calibrate.ts";
import { clusterCommand } from "./cluster/cluster.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion/completion.ts";
import { MEASURING_COMMANDS } from "./measure/measuring-commands.ts";
import { quickstartCommand } from "./quickstart/quickstart.ts";
import { compareCommand } from "./saved/compare.ts";
import { listCommand } from "./saved/list.ts";
import { reportCommand } from "./saved/report.ts";
import { trendCommand } from "./saved/trend.ts";
import { runSuiteCommand } from "./suite/run.ts";

export const COMMANDS: readonly Command[] = [
  quickstartCommand,
  ...MEASURING_COMMANDS,
  runSuiteCommand,
  abCommand,
  calibrateCommand,
  clusterCommand,
  listCommand,
  reportCommand,
  compareCommand,
  trendCommand,
  completionCommand(() => COMMANDS),
];
