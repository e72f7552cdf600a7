/** Simulates a server with outages, and the requests that it gets at a constant rate. */
import { emptyOutcomes, type Outcomes } from "../../../src/failover/outcomes.ts";
import { NEVER_SENT } from "../../../src/load/recording/request-log.ts";

export interface Outage {
  fromMs: number;
  toMs: number;
  /** What happens to a request that is due during the outage. */
  mode: "fails" | "waits" | "never-sent";
}

export interface SimulatedLoad {
  spacingMs: number;
  requests: number;
  latencyMs: number;
  timeoutMs: number;
  outages: readonly Outage[];
}

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

/** Requests due every `spacingMs`. A waiting one is answered after the outage, or times out. */
export function simulated(load: SimulatedLoad): Outcomes {
  const outcomes = emptyOutcomes(load.requests);
  for (let row = 0; row < load.requests; row++) {
    const dueMs = row * load.spacingMs;
    outcomes.dueMs[row] = dueMs;
    const outage = load.outages.find(({ fromMs, toMs }) => dueMs >= fromMs && dueMs < toMs);
    const endMs = dueMs + load.latencyMs;
    outcomes.endMs[row] = endMs;
    if (outage === undefined) continue;
    if (outage.mode === "fails") outcomes.status[row] = UNAVAILABLE;
    if (outage.mode === "never-sent") outcomes.status[row] = NEVER_SENT;
    if (outage.mode !== "waits") continue;
    const answeredMs = outage.toMs + load.latencyMs;
    const cutMs = dueMs + load.timeoutMs;
    outcomes.endMs[row] = Math.min(answeredMs, cutMs);
    if (cutMs < answeredMs) outcomes.status[row] = DEADLINE_EXCEEDED;
  }
  return outcomes;
}

/** Makes rows from objects; missing fields are 0. */
export function rows(...given: Partial<Record<keyof Outcomes, number>>[]): Outcomes {
  const outcomes = emptyOutcomes(given.length);
  for (const [row, fields] of given.entries()) {
    for (const [name, value] of Object.entries(fields)) {
      outcomes[name as keyof Outcomes][row] = value;
    }
  }
  return outcomes;
}
