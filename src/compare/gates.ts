/**
 * Decides which figures make the verdict of a comparison, its gates: declared before anything is
 * measured.
 *
 * The parts of one load rise and fall together, and Holm, which keeps the false alarms of however many
 * tests to 5%, holds each of many to a p that few pairs or a noisy machine never reach. So the series
 * that represents the whole load is gated, and its parts where the user names them.
 */
import { usageError } from "../errors.ts";
import type { MetricName } from "./schema.ts";

export interface Gate {
  /** As the results name it, or without the workload's kind before it; null: all that represent the load. */
  operation: string | null;
  metric: MetricName;
}

/** These decide a comparison. */
export const DEFAULT_GATES: readonly Gate[] = [
  { operation: null, metric: "throughput" },
  { operation: null, metric: "p50" },
  { operation: null, metric: "p99" },
  { operation: null, metric: "unavailable" },
];

export interface Gated {
  operation: string;
  metric: MetricName;
  standsForLoad: boolean;
}

/** `kind` of the workload. */
export function isGated(gates: readonly Gate[], of: Gated, kind: string): boolean {
  return gates.some((gate) => {
    if (gate.metric !== of.metric) return false;
    return gate.operation === null ? of.standsForLoad : isNamed(gate.operation, of.operation, kind);
  });
}

function isNamed(gate: string, operation: string, kind: string): boolean {
  return operation === gate || operation === `${kind}-${gate}`;
}

/** @throws BenchError (usage) where a gate names an operation that is none of `operations` */
export function checkGates(
  gates: readonly Gate[],
  operations: readonly { operation: string; kind: string }[],
): void {
  for (const { operation } of gates) {
    if (operation === null) continue;
    if (operations.some((each) => isNamed(operation, each.operation, each.kind))) continue;
    const names = [...new Set(operations.map((each) => each.operation))].join(", ");
    throw usageError(
      `--gate: ${JSON.stringify(operation)} is no operation that both sides have; take of ${names}`,
    );
  }
}

/** As a user writes it: `p99`, `range:p99`. */
export function gateText({ operation, metric }: Gate): string {
  return operation === null ? metric : `${operation}:${metric}`;
}
