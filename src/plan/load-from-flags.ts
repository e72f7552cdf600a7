/** How much load a plan offers: by whom, how fast, and until when. */
import { flagError } from "../errors.ts";
import { type GivenFlags, isGiven, type Read } from "../flags/flag.ts";
import type { LoadFlags } from "./plannable.ts";
import type { RunPlan } from "./schema.ts";
import { workersOf } from "./shares.ts";

/** @param usesAllConnections streams use the connections that no client does */
export function loadOf(
  flags: Read<LoadFlags>,
  usesAllConnections: boolean,
  note: (line: string) => void,
): RunPlan["load"] {
  const { connections, clients, workers, transport, timeoutMs, dialTimeoutMs, seed } = flags;
  if (connections > clients && !usesAllConnections) {
    note(
      `--conns=${connections} is more than --clients=${clients}: ` +
        `${connections - clients} connections stay idle, as upstream`,
    );
  }
  // A worker is a thread with sockets of its own, so it cannot do with less than one of each.
  if (workers > workersOf({ workers, connections, clients })) {
    throw flagError(
      "workers",
      `--workers=${workers} needs a connection and a client for each worker; ` +
        `give at least --conns=${workers} --clients=${workers}, or fewer workers`,
    );
  }
  return { connections, clients, workers, transport, timeoutMs, dialTimeoutMs, seed };
}

export function pacingOf(
  { arrival, wait }: Read<LoadFlags>,
  ratePerSec: number,
  { loadFlags, given }: { loadFlags: LoadFlags; given: GivenFlags },
  note: (line: string) => void,
): RunPlan["pacing"] {
  for (const flag of [loadFlags.arrival, loadFlags.wait]) {
    if (ratePerSec === 0 && isGiven(given, flag)) {
      note(
        `--${flag.name} has no effect without --rate: each client sends when its answer has come`,
      );
    }
  }
  return { ratePerSec: ratePerSec === 0 ? null : ratePerSec, arrival, wait };
}

/**
 * @param isTotalGiven whether the user named a total
 * @param endsByItself whether the workload needs neither
 */
export function limitsOf(
  { durationMs, total, warmup }: Read<LoadFlags>,
  isTotalGiven: boolean,
  endsByItself: boolean,
): RunPlan["limits"] {
  // A duration alone lifts upstream's default total; naming both means whichever comes first.
  const isUnbounded = (durationMs !== null || endsByItself) && !isTotalGiven;
  return { totalRequests: isUnbounded ? null : total, durationMs, ...warmup };
}
