/** How much load a plan offers: by whom, how fast, and until when. */
import { flagError } from "../errors.ts";
import { type GivenFlags, isGiven, type Read } from "../flags/flag.ts";
import { formatNoun } from "../text/noun.ts";
import type { LoadFlags, PlannableCommand } from "./plannable.ts";
import type { RunPlan } from "./schema.ts";
import { workersOf } from "./shares.ts";

type Loaded = Pick<PlannableCommand, "name" | "loadFlags" | "usesAllConnections" | "fitsGateway">;

/** @throws BenchError (usage) that names the flag */
export function loadOf(
  flags: Read<LoadFlags>,
  { workload, given }: { workload: Loaded; given: GivenFlags },
  note: (line: string) => void,
): RunPlan["load"] {
  const { clients, workers, transport, timeoutMs, dialTimeoutMs, seed } = flags;
  const connections =
    transport === "gateway" ? gatewayConnections(flags, workload, given) : flags.connections;
  if (connections > clients && !workload.usesAllConnections) {
    note(
      `--conns=${connections} is more than --clients=${clients}: ` +
        `${formatNoun(connections - clients, "connection stays", "connections stay")} idle, as upstream`,
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

/** HTTP/1.1 carries one request at a time on a connection: each client has one of its own. */
function gatewayConnections(
  { connections, clients }: Read<LoadFlags>,
  { name, loadFlags, fitsGateway }: Loaded,
  given: GivenFlags,
): number {
  if (!fitsGateway) {
    throw flagError(
      "transport",
      `--transport=gateway sends puts and ranges alone, and ${name} sends others: ` +
        "leave it out, or measure put or range",
    );
  }
  if (!isGiven(given, loadFlags.connections)) return clients;
  if (connections >= clients) return connections;
  throw flagError(
    "conns",
    `--conns=${connections}: --transport=gateway sends one request at a time on a connection; ` +
      `give --conns=${clients} or more for --clients=${clients}, or leave --conns out`,
  );
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
