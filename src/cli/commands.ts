/** Owns the list of commands, in the order of help. A new command is a file and a line here. */
import { calibrateCommand } from "./calibrate.ts";
import type { Command } from "./command.ts";
import { compareCommand } from "./compare.ts";
import { deleteCommand } from "./delete.ts";
import { electionCommand } from "./election.ts";
import { compactCommand, defragCommand } from "./impact.ts";
import { kubernetesCommand } from "./kubernetes.ts";
import { leaseGrantCommand } from "./lease-grant.ts";
import { leaseKeepaliveCommand } from "./lease-keepalive.ts";
import { lockCommand } from "./lock.ts";
import { mixedCommand } from "./mixed.ts";
import { putCommand } from "./put.ts";
import { quickstartCommand } from "./quickstart.ts";
import { rangeCommand } from "./range.ts";
import { reportCommand } from "./report.ts";
import { stmCommand } from "./stm.ts";
import { txnMixedCommand } from "./txn-mixed.ts";
import { txnPutCommand } from "./txn-put.ts";
import { watchCommand, watchLatencyCommand } from "./watch.ts";

export const COMMANDS: readonly Command[] = [
  quickstartCommand,
  putCommand,
  rangeCommand,
  txnPutCommand,
  txnMixedCommand,
  deleteCommand,
  mixedCommand,
  compactCommand,
  defragCommand,
  kubernetesCommand,
  stmCommand,
  lockCommand,
  electionCommand,
  leaseGrantCommand,
  leaseKeepaliveCommand,
  watchCommand,
  watchLatencyCommand,
  calibrateCommand,
  reportCommand,
  compareCommand,
];
