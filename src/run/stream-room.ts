/**
 * Checks, before the clock starts, that the servers allow as many streams on each connection as the
 * run holds open: what exceeds that would wait in the client for ever. grpc-js tells no caller of such a
 * wait, which would then be in the service time, so that over it all clients need a stream.
 */
import { type BenchError, usageError } from "../errors.ts";
import { streamsNeeded } from "../load/held-streams.ts";
import type { Loads } from "../load/load.ts";
import type { OperationSpec } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { type LoadShape, splitLoad, type WorkerShare } from "../plan/shares.ts";

/** Numbers of connections to be tried, from the least that could do. */
const MOST_TRIES = 200;

/** What a worker's connections allow. */
export interface StreamLimits {
  workerIndex: number;
  /** By connection; absent where the transport does not know. */
  streamLimits?: readonly number[] | undefined;
}

/** An error that names the connection and the fix; null where all streams have room. */
export function streamShortage(
  loads: Loads,
  limits: readonly StreamLimits[],
  shares: readonly WorkerShare[],
  operations: readonly OperationSpec[],
  load: LoadShape & Partial<Pick<RunPlan["load"], "transport">>,
  endpoints: readonly string[],
): BenchError | null {
  const isHidden = load.transport === "grpc-js";
  for (const { workerIndex, streamLimits = [] } of limits) {
    const needs = streamsNeeded(loads, operations, shares[workerIndex]!);
    for (const [connection, { endpoint, held, atOnce, most }] of needs.entries()) {
      const limit = streamLimits[connection] ?? Number.POSITIVE_INFINITY;
      // A server that allows none at first may allow some later.
      if (limit === 0) continue;
      if (isHidden && most > limit) {
        const fit = connectionsThatFit(limit, "most", loads, operations, load, endpoints);
        return usageError(
          `--transport=grpc-js: a connection to ${endpoint} may need ${most} streams at once, the server ` +
            `allows ${limit}, and grpc-js does not tell how long the others wait in it: ` +
            `${fit === null ? "" : `use --conns=${fit} or more, or `}leave --transport out`,
        );
      }
      if (held === 0 || atOnce <= limit) continue;
      const fix = connectionsThatFit(limit, "atOnce", loads, operations, load, endpoints);
      const what = atOnce > held ? `${held} that stay open and one more` : `${held} that stay open`;
      const [flag, advice] =
        fix === null
          ? [
              // A member that is to be started has a name alone, and no flag of the user's.
              endpoint.includes(":") ? `--endpoints ${endpoint}: ` : "",
              "no number of connections is enough: raise the limit of the server, or of the proxy before it",
            ]
          : [
              `--conns=${load.connections}: `,
              `use --conns=${fix} or more, or raise the server's limit`,
            ];
      return usageError(
        `${flag}a connection to ${endpoint} needs ${atOnce} streams at once (${what}), and the ` +
          `server allows ${limit}; ${advice}`,
      );
    }
  }
  return null;
}

/** The fewest connections of which none needs more than `limit` streams; null: none was found. */
function connectionsThatFit(
  limit: number,
  need: "atOnce" | "most",
  loads: Loads,
  operations: readonly OperationSpec[],
  load: LoadShape,
  endpoints: readonly string[],
): number | null {
  const needs = splitLoad(load, endpoints).flatMap((share) =>
    streamsNeeded(loads, operations, share),
  );
  const held = needs.reduce((sum, each) => sum + (need === "most" ? each.most : each.held), 0);
  const first = Math.max(load.connections + 1, Math.floor(held / limit));
  for (let connections = first; connections < first + MOST_TRIES; connections++) {
    const shape = { ...load, connections };
    const dealt = operations.map((spec) => loads.of(spec).dealtAnew?.(spec, shape) ?? spec);
    const isEnough = splitLoad(shape, endpoints)
      .flatMap((share) => streamsNeeded(loads, dealt, share))
      .every((each) => each[need] <= limit);
    if (isEnough) return connections;
  }
  return null;
}
