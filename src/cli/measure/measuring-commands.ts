/**
 * Owns the list of commands that measure an etcd, in the order of help: what a person runs one by
 * one, and what a suite has cells of. A new workload is a file and a line here.
 */
import type { Command } from "../command.ts";
import { deleteCommand } from "./delete.ts";
import { electionCommand } from "./election.ts";
import { compactCommand, defragCommand } from "./impact.ts";
import { kubernetesCommand } from "./kubernetes.ts";
import { leaseGrantCommand } from "./lease-grant.ts";
import { leaseKeepaliveCommand } from "./lease-keepalive.ts";
import { lockCommand } from "./lock.ts";
import { mixedCommand } from "./mixed.ts";
import { putCommand } from "./put.ts";
import { rangeCommand } from "./range.ts";
import { stalenessCommand } from "./staleness.ts";
import { stmCommand } from "./stm.ts";
import { txnMixedCommand } from "./txn-mixed.ts";
import { txnPutCommand } from "./txn-put.ts";
import { watchCommand, watchLatencyCommand } from "./watch.ts";
import { watchGetCommand } from "./watch-get.ts";

export const MEASURING_COMMANDS: readonly Command[] = [
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
  watchGetCommand,
  stalenessCommand,
];
