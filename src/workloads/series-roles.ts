/**
 * What the series of a result count, as the definitions of workloads say: which of them represent the
 * load, and whose requests may be added up.
 */
import { offeredOperations } from "../result/offered.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { workloadNamed } from "./catalogue.ts";

/** Series that partition the requests of a run of this workload: each request is in exactly one. */
export function requestSeries<Operation extends Pick<OperationResult, "name">>(
  operations: readonly Operation[],
  workload: string,
): Operation[] {
  const { seriesRole } = workloadNamed(workload);
  const names = operations.map(({ name }) => name);
  return operations.filter(({ name }) => {
    const role = seriesRole(name, names);
    return role === "requests" || role === "further-requests";
  });
}

/** The requests of a run that ended, each once. */
export function endedRequests(
  operations: readonly Pick<OperationResult, "name" | "requests">[],
  workload: string,
): number {
  return requestSeries(operations, workload).reduce(
    (sum, { requests }) => sum + requests.succeeded + requests.failed,
    0,
  );
}

/** Whether the series represents the load. `names` are all that the results have. */
export function isPrimary(name: string, workload: string, names: readonly string[]): boolean {
  const role = workloadNamed(workload).seriesRole(name, names);
  return role === "requests" || role === "outcome";
}

/** One at least, in the order of the result. */
export function primaryOperations({ operations, plan }: RunResult): OperationResult[] {
  const offered = offeredOperations(operations);
  const names = offered.map(({ name }) => name);
  const primary = offered.filter(({ name }) => isPrimary(name, plan.workload.kind, names));
  // Of a run that broke off while it was set up there is nothing else.
  return primary.length > 0 ? primary : offered;
}
