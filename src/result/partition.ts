/**
 * Tells which operations of a result partition its requests: every request is in exactly one of them,
 * so that their counts may be added up. The others count parts of a request again, or count events.
 */
import type { OperationResult } from "./schema.ts";

/** Loads that have no series of their kind's own name, by what their requests are called. */
const REQUESTS_BY_KIND: Record<string, RegExp> = {
  range: /^range-(linearizable|serializable)$/,
  watch: /^watch-put$/,
  "watch-latency": /^watch-put$/,
  staleness: /^staleness-put$/,
};
/** Creating a watcher takes a request too, whatever the load is. */
const WATCH_CREATE = "watch-create";
const LAG_PREFIX = "staleness-";
const READ_PREFIX = "staleness-read-";

/** `kind` is the workload's; none where no operation of the list is one of its requests. */
export function partition<Operation extends Pick<OperationResult, "name">>(
  operations: readonly Operation[],
  kind: string,
): Operation[] {
  const names = new Set(operations.map(({ name }) => name));
  const whole = REQUESTS_BY_KIND[kind] ?? null;
  return operations.filter(({ name }) => {
    if (name === kind || name === WATCH_CREATE) return true;
    if (kind === "staleness" && isRead(name, names)) return true;
    return whole?.test(name) ?? false;
  });
}

/** The requests of a load that ended, each once. */
export function endedRequests(
  operations: readonly Pick<OperationResult, "name" | "requests">[],
  kind: string,
): number {
  return partition(operations, kind).reduce(
    (sum, { requests }) => sum + requests.succeeded + requests.failed,
    0,
  );
}

/** The reads of a member, which has a series of its lag as well. */
function isRead(name: string, names: ReadonlySet<string>): boolean {
  return (
    name.startsWith(READ_PREFIX) && names.has(`${LAG_PREFIX}${name.slice(READ_PREFIX.length)}`)
  );
}
