/** The commands, in the order of help. A new command is a file and a line here. */
import { CONFIG } from "../flags/settings.ts";
import { abCommand } from "./ab/ab.ts";
import { agentCommand } from "./agent/agent.ts";
import { agentsCommand } from "./agents/agents.ts";
import { calibrateCommand } from "./calibrate/calibrate.ts";
import { cleanCommand } from "./clean/clean.ts";
import { clusterCommand } from "./cluster/cluster.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion/completion.ts";
import { doctorCommand } from "./doctor/doctor.ts";
import { failoverCommand } from "./failover/failover.ts";
import { withAgents } from "./measure/agents.ts";
import { MEASURING_COMMANDS } from "./measure/measuring-commands.ts";
import { memoryCommand } from "./memory/memory.ts";
import { monitorCommand } from "./monitor/monitor.ts";
import { proxyCommand } from "./proxy/proxy.ts";
import { quickstartCommand } from "./quickstart/quickstart.ts";
import { compareCommand } from "./saved/compare.ts";
import { listCommand } from "./saved/list.ts";
import { reportCommand } from "./saved/report.ts";
import { trendCommand } from "./saved/trend.ts";
import { configCommand } from "./settings/config.ts";
import { soakCommand } from "./soak/soak.ts";
import { runSuiteCommand } from "./suite/run.ts";

const TAKING_SETTINGS: readonly Command[] = [
  quickstartCommand,
  ...MEASURING_COMMANDS.map(withAgents),
  runSuiteCommand,
  abCommand,
  failoverCommand,
  soakCommand,
  memoryCommand,
  doctorCommand,
  calibrateCommand,
  clusterCommand,
  proxyCommand,
  monitorCommand,
  agentCommand,
  agentsCommand,
  listCommand,
  reportCommand,
  compareCommand,
  trendCommand,
  cleanCommand,
  configCommand(() => COMMANDS),
];

export const COMMANDS: readonly Command[] = [
  ...TAKING_SETTINGS.map(withConfig),
  completionCommand(() => COMMANDS),
];

/** The command, with the flag that names bench.yaml. */
function withConfig(command: Command): Command {
  const { flags, inner } = command;
  return {
    ...command,
    flags: [...flags, CONFIG],
    inner: inner && { ...inner, with: (each) => withConfig(inner.with(each)) },
  };
}
