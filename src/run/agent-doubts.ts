/** Says what the agents of a run may have done to its figures: begun apart, been lost, or differed. */
import type { AgentResult, OperationResult } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";

/** Agents that begin further apart did not offer one load. */
const MOST_SPREAD_MS = 10;
/** Of the measured time, where that is less. */
const MOST_SPREAD_SHARE = 0.01;

/** Of the operation that took longest. */
export function measuredSecondsOf(operations: readonly OperationResult[]): number {
  return Math.max(0, ...operations.map(({ durationSeconds }) => durationSeconds ?? 0));
}

/** A clause where the load did not begin everywhere at the same time, as far as clocks tell. */
export function skewReasons(
  agents: readonly AgentResult[] | undefined,
  measuredSeconds: number,
): string[] {
  const spread = spreadOf(agents ?? []);
  if (spread === null) return [];
  const shareMs = shareOf(measuredSeconds);
  const isShort = shareMs < MOST_SPREAD_MS;
  if (spread.ms <= Math.max(spread.uncertaintyMs, Math.min(MOST_SPREAD_MS, shareMs))) return [];
  const limit = isShort ? `${MOST_SPREAD_SHARE * 100}% of the run` : ms(MOST_SPREAD_MS);
  const fix = isShort
    ? "run longer"
    : "their machines, or the way to the coordination etcd, were busy; take machines with time to spare";
  return [
    `agents began ${ms(spread.ms)} apart (clocks are known to ${ms(spread.clocksMs)}), more than ${limit}: ${fix}`,
  ];
}

function shareOf(measuredSeconds: number): number {
  return measuredSeconds * 1e3 * MOST_SPREAD_SHARE;
}

/** A sentence for each. */
export function agentNotes(
  agents: readonly AgentResult[] | undefined,
  measuredSeconds: number,
): string[] {
  if (agents === undefined) return [];
  const spread = spreadOf(agents);
  return [
    ...(spread === null
      ? []
      : [
          `${formatNoun(agents.length, "agent")} began within ${ms(spread.ms)} of each other; their clocks are known to ${ms(spread.clocksMs)}.`,
          ...unjudged(spread, measuredSeconds),
        ]),
    ...agents.flatMap(({ name, lost }) =>
      lost === null
        ? []
        : [
            `Agent ${name} was lost (${lost}): what was due on it and is in no report of its counts as dropped, and whether it was sent is not known.`,
          ],
    ),
    ...differences(agents),
    ...agents.flatMap(({ name, workers, environment: { cpusAvailable } }) =>
      cpusAvailable === null || workers <= Math.max(1, cpusAvailable)
        ? []
        : [
            `Agent ${name} has ${formatNoun(cpusAvailable, "CPU")} for ${formatNoun(workers, "worker")}, which take CPU from each other; lower --workers.`,
          ],
    ),
  ];
}

/** Where clocks are known too badly to say whether so short a run began everywhere at the same time. */
function unjudged(
  { ms: spreadMs, uncertaintyMs, clocksMs }: Spread,
  measuredSeconds: number,
): string[] {
  const limitMs = Math.min(MOST_SPREAD_MS, shareOf(measuredSeconds));
  if (spreadMs <= limitMs || spreadMs > uncertaintyMs) return [];
  const fix = limitMs < MOST_SPREAD_MS ? "run longer" : "take machines with time to spare";
  return [
    `Whether agents began within ${ms(limitMs)} of each other cannot be told, since clocks are known to ${ms(clocksMs)}; ${fix}.`,
  ];
}

const FIELDS = [
  ["versions of bench", ({ tool }) => tool],
  ["versions of Node", ({ node }) => node],
  ["kernels", ({ kernel }) => kernel],
  ["CPUs", ({ cpuModel }) => cpuModel],
  ["numbers of CPUs", ({ cpus, cpusAvailable }) => cpusAvailable ?? cpus],
] as const satisfies [string, (of: AgentResult["environment"]) => string | number | null][];

function differences(agents: readonly AgentResult[]): string[] {
  return FIELDS.flatMap(([words, fieldOf]) => {
    const values = [...new Set(agents.map(({ environment }) => String(fieldOf(environment))))];
    return values.length < 2 ? [] : [`The agents have different ${words}: ${values.join("; ")}.`];
  });
}

interface Spread {
  ms: number;
  /** How wrong it may be: by the clocks of the first and of the last. */
  uncertaintyMs: number;
  /** How far the worst of the clocks is known. */
  clocksMs: number;
}

/** Of those whose load began; null for fewer than two. */
function spreadOf(agents: readonly AgentResult[]): Spread | null {
  const begun = agents.filter(({ startLateMs }) => startLateMs !== null);
  if (begun.length < 2) return null;
  const inOrder = begun.toSorted((one, other) => one.startLateMs! - other.startLateMs!);
  const [first, last] = [inOrder[0]!, inOrder.at(-1)!];
  return {
    ms: last.startLateMs! - first.startLateMs!,
    uncertaintyMs: (first.clockUncertaintyMs ?? 0) + (last.clockUncertaintyMs ?? 0),
    clocksMs: Math.max(...begun.map(({ clockUncertaintyMs }) => clockUncertaintyMs ?? 0)),
  };
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
